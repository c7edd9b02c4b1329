package credit

import (
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/money"
)

type utilizationResponse struct {
	Percentage   money.Amount `json:"percentage"`
	TotalBalance money.Amount `json:"totalBalance"`
	TotalLimit   money.Amount `json:"totalLimit"`
	CardsCount   int          `json:"cardsCount"`
}

// owedResponse sums up debts. TotalAmount is what remains of them, and MonthlyPayments are
// those of debts and cards.
type owedResponse struct {
	TotalAmount     money.Amount `json:"totalAmount"`
	MonthlyPayments money.Amount `json:"monthlyPayments"`
	DebtsCount      int          `json:"debtsCount"`
}

// healthSummary is creditfigures.Health as the contract has it.
type healthSummary struct {
	HealthScore       int                           `json:"healthScore"`
	HealthStatus      string                        `json:"healthStatus"`
	CreditScores      function.List[bureauResponse] `json:"creditScores"`
	CreditUtilization utilizationResponse           `json:"creditUtilization"`
	Debt              owedResponse                  `json:"debt"`
	Recommendations   function.List[string]         `json:"recommendations"`
}

type healthResponse struct {
	Summary healthSummary `json:"summary"`
}

func healthOf(figures creditfigures.Figures, income money.Amount) healthResponse {
	health := figures.Health(income)
	return healthResponse{healthSummary{
		HealthScore: health.Score, HealthStatus: string(health.Status), CreditScores: bureausOf(figures.Histories),
		CreditUtilization: utilizationResponse{health.Utilisation, health.Balance, health.Limit, len(figures.Cards)},
		Debt:              owedResponse{health.Owed, health.Payments, len(figures.Debts)},
		Recommendations:   health.Advice,
	}}
}
