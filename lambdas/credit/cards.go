package credit

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// cardResponse is a credit card. UtilizationPercentage is the balance in percent of the
// limit, to one decimal.
type cardResponse struct {
	CardID                string        `json:"cardId"`
	UserID                string        `json:"userId"`
	CardName              string        `json:"cardName"`
	LastFourDigits        string        `json:"lastFourDigits,omitempty"`
	CurrentBalance        money.Amount  `json:"currentBalance"`
	CreditLimit           money.Amount  `json:"creditLimit"`
	UtilizationPercentage money.Amount  `json:"utilizationPercentage"`
	InterestRate          *money.Amount `json:"interestRate,omitempty"`
	DueDate               int           `json:"dueDate,omitempty"`
	MinimumPayment        *money.Amount `json:"minimumPayment,omitempty"`
	CreatedAt             dates.Instant `json:"createdAt"`
	UpdatedAt             dates.Instant `json:"updatedAt"`
}

type savedCardResponse struct {
	Card cardResponse `json:"card"`
}

// cardsSummary sums up all cards.
type cardsSummary struct {
	TotalBalance          money.Amount `json:"totalBalance"`
	TotalLimit            money.Amount `json:"totalLimit"`
	UtilizationPercentage money.Amount `json:"utilizationPercentage"`
	CardsCount            int          `json:"cardsCount"`
}

type cardsResponse struct {
	Cards   function.List[cardResponse] `json:"cards"`
	Summary cardsSummary                `json:"summary"`
}

func cardOf(c tables.CreditCard) cardResponse {
	return cardResponse{
		CardID: strings.TrimPrefix(c.ID, tables.CreditCardPrefix), UserID: c.UserID, CardName: string(c.Name), LastFourDigits: string(c.LastFourDigits),
		CurrentBalance: c.CurrentBalance, CreditLimit: c.CreditLimit, UtilizationPercentage: money.Percentage(c.CurrentBalance, c.CreditLimit),
		InterestRate: c.InterestRate, DueDate: c.DueDate, MinimumPayment: c.MinimumPayment,
		CreatedAt: dates.Milliseconds(c.CreatedAt), UpdatedAt: dates.Milliseconds(c.UpdatedAt),
	}
}

func cardsOf(cards []tables.CreditCard) cardsResponse {
	response := cardsResponse{Summary: cardsSummary{CardsCount: len(cards)}}
	sum := &response.Summary
	for _, card := range cards {
		response.Cards = append(response.Cards, cardOf(card))
		sum.TotalBalance, sum.TotalLimit = sum.TotalBalance.Add(card.CurrentBalance), sum.TotalLimit.Add(card.CreditLimit)
	}
	sum.UtilizationPercentage = money.Percentage(sum.TotalBalance, sum.TotalLimit)
	return response
}
