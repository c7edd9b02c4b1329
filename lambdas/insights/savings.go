package insights

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Savings finds savings opportunities.
var Savings = function.Define(function.Spec[*savings]{
	Name:    "insights-savings",
	Purpose: "Tells the caller how much less a month would cost that is like their cheapest of the last three.",
	New: func(resources *function.Resources) (*savings, error) {
		return &savings{transactionstore.OpenFigures(resources), time.Now}, nil
	},
	Routes:      []function.RouteOf[*savings]{function.SignedIn("GET /insights/savings-opportunities", (*savings).List)},
	Permissions: transactionstore.MonthsPermissions,
})

type savings struct {
	figures monthlyFigures
	now     func() time.Time
}

type savingsResponse struct {
	UserID                       string                     `json:"userId"`
	TotalPotentialMonthlySavings money.Amount               `json:"totalPotentialMonthlySavings"`
	TotalPotentialYearlySavings  money.Amount               `json:"totalPotentialYearlySavings"` // twelve times the monthly
	Opportunities                function.List[opportunity] `json:"opportunities"`
	TopRecommendation            *opportunity               `json:"topRecommendation"`
	PersonalizedMessage          string                     `json:"personalizedMessage"`
	LastUpdated                  dates.Instant              `json:"lastUpdated"`
}

// List returns the caller's opportunities, the largest first.
func (s *savings) List(ctx context.Context, caller function.Caller, _ function.NoInput) (savingsResponse, error) {
	now := s.now()
	months, err := s.figures.Months(ctx, caller.UserID, monthBefore(now, basisMonths), monthBefore(now, 1))
	if err != nil {
		return savingsResponse{}, err
	}
	response := savingsResponse{UserID: caller.UserID, LastUpdated: dates.Seconds(now.UnixMilli())}
	b, complete := basisOf(months, now)
	if !complete {
		response.PersonalizedMessage = notEnough
		return response, nil
	}
	response.Opportunities = opportunitiesOf(b, inWords(monthBefore(now, 0)))
	response.TotalPotentialMonthlySavings = totalOf(response.Opportunities)
	response.TotalPotentialYearlySavings = yearly(response.TotalPotentialMonthlySavings)
	response.PersonalizedMessage = "Your spending from " + b.names() + " shows nothing to save by."
	if len(response.Opportunities) > 0 {
		response.TopRecommendation = &response.Opportunities[0]
		response.PersonalizedMessage = "Spending in each category as in your cheapest month from " + b.names() + " would save " +
			response.TotalPotentialMonthlySavings.Pounds() + " a month."
	}
	return response, nil
}

// notEnough is what a user reads without transactions in each month of the basis.
const notEnough = "Add transactions of each of the last 3 months to see this."
