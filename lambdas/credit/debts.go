package credit

import (
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// debtResponse is a debt. PaymentProgress is what is paid back in percent of the total, to
// one decimal, and 0 when more remains than the total.
type debtResponse struct {
	DebtID          string        `json:"debtId"`
	UserID          string        `json:"userId"`
	DebtName        string        `json:"debtName"`
	DebtType        string        `json:"debtType"`
	TotalAmount     money.Amount  `json:"totalAmount"`
	RemainingAmount money.Amount  `json:"remainingAmount"`
	InterestRate    money.Amount  `json:"interestRate"`
	MonthlyPayment  money.Amount  `json:"monthlyPayment"`
	PaymentProgress money.Amount  `json:"paymentProgress"`
	DueDate         int           `json:"dueDate,omitempty"`
	LenderName      string        `json:"lenderName,omitempty"`
	StartDate       string        `json:"startDate,omitempty"`
	EndDate         string        `json:"endDate,omitempty"`
	CreatedAt       dates.Instant `json:"createdAt"`
	UpdatedAt       dates.Instant `json:"updatedAt"`
}

type savedDebtResponse struct {
	Debt debtResponse `json:"debt"`
}

// debtsSummary sums up all debts. MonthlyPayments are of those that are not paid back.
type debtsSummary struct {
	TotalAmount     money.Amount `json:"totalAmount"`
	RemainingAmount money.Amount `json:"remainingAmount"`
	MonthlyPayments money.Amount `json:"monthlyPayments"`
	PaymentProgress money.Amount `json:"paymentProgress"`
	DebtsCount      int          `json:"debtsCount"`
}

type debtsResponse struct {
	Debts   function.List[debtResponse] `json:"debts"`
	Summary debtsSummary                `json:"summary"`
}

func debtOf(d tables.Debt) debtResponse {
	return debtResponse{
		DebtID: strings.TrimPrefix(d.ID, tables.DebtPrefix), UserID: d.UserID, DebtName: string(d.Name), DebtType: d.Type,
		TotalAmount: d.TotalAmount, RemainingAmount: d.RemainingAmount, InterestRate: d.InterestRate, MonthlyPayment: d.MonthlyPayment,
		PaymentProgress: paidBack(d.TotalAmount, d.RemainingAmount), DueDate: d.DueDate,
		LenderName: string(d.LenderName), StartDate: string(d.StartDate), EndDate: string(d.EndDate),
		CreatedAt: dates.Milliseconds(d.CreatedAt), UpdatedAt: dates.Milliseconds(d.UpdatedAt),
	}
}

func debtsOf(debts []tables.Debt) debtsResponse {
	response := debtsResponse{Summary: debtsSummary{DebtsCount: len(debts)}}
	sum := &response.Summary
	for _, debt := range debts {
		response.Debts = append(response.Debts, debtOf(debt))
		sum.TotalAmount, sum.RemainingAmount = sum.TotalAmount.Add(debt.TotalAmount), sum.RemainingAmount.Add(debt.RemainingAmount)
		if debt.RemainingAmount.Sign() > 0 {
			sum.MonthlyPayments = sum.MonthlyPayments.Add(debt.MonthlyPayment)
		}
	}
	sum.PaymentProgress = paidBack(sum.TotalAmount, sum.RemainingAmount)
	return response
}

func paidBack(total, remaining money.Amount) money.Amount {
	if paid := total.Sub(remaining); paid.Sign() > 0 {
		return money.Percentage(paid, total)
	}
	return money.Amount{}
}
