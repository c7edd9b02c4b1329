package insights

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Analytics computes the advanced analytics of the premium plan.
var Analytics = function.Define(function.Spec[*analytics]{
	Name:    "insights-analytics",
	Purpose: "Computes forecast, trends, comparisons and unusual transactions for callers with the premium plan.",
	New:     newAnalytics,
	Routes:  []function.RouteOf[*analytics]{function.SignedIn("GET /analytics/advanced", (*analytics).Get)},
	Permissions: transactionstore.MonthsPermissions.And(transactionstore.ListPermissions).
		And(entitlement.Permissions),
	Timeout: 15 * time.Second, // RevenueCat may take 5 s of it
})

type analytics struct {
	figures monthlyFigures
	rows    interface {
		List(ctx context.Context, userID string, filter transactionstore.Filter, limit int, after string) (transactionstore.Page, error)
	}
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	now func() time.Time
}

func newAnalytics(resources *function.Resources) (*analytics, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	return &analytics{transactionstore.OpenFigures(resources), transactionstore.OpenToRead(resources), plans, time.Now}, nil
}

// analyticsResponse has no Data when there is nothing to compute from: the screen then
// shows that it is empty.
type analyticsResponse struct {
	Success bool           `json:"success"`
	Data    *analyticsData `json:"data,omitempty"`
	Message string         `json:"message,omitempty"`
}

type analyticsData struct {
	Forecast           function.List[forecastMonth] `json:"forecast"`
	Anomalies          function.List[anomaly]       `json:"anomalies"`
	CategoryTrends     function.List[categoryTrend] `json:"categoryTrends"`
	SavingsOpportunity money.Amount                 `json:"savingsOpportunity"` // a month
	SpendingVelocity   money.Amount                 `json:"spendingVelocity"`   // the last whole month less an average one
	ComparisonMetrics  comparison                   `json:"comparisonMetrics"`
}

// comparison compares the spending of the last whole month, in percent to one decimal.
type comparison struct {
	MonthOverMonth float64 `json:"monthOverMonth"` // with the month before
	YearOverYear   float64 `json:"yearOverYear"`   // with the same month a year before
}

// yearBack is how many months lead to the same month a year before the last whole one.
const yearBack = 13

// Get returns the analytics of a caller with the premium plan. It reads the plan and the
// figures at the same time. It reads transactions, of this month only, when the figures
// say that one may be unusual.
func (a *analytics) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (analyticsResponse, error) {
	now := a.now()
	var months []transactionstore.Month
	var both errgroup.Group
	both.Go(func() (err error) {
		months, err = a.figures.Months(ctx, caller.UserID, monthBefore(now, yearBack), monthBefore(now, 0))
		return err
	})
	plan, err := a.plans.Of(ctx, caller)
	if err := errors.Join(err, both.Wait()); err != nil {
		return analyticsResponse{}, err
	}
	if err := entitlement.CheckPremium(plan.Plan, "Advanced analytics"); err != nil {
		return analyticsResponse{}, err
	}
	b, complete := basisOf(months, now)
	if !complete {
		return analyticsResponse{Success: true, Message: notEnough}, nil
	}
	current, _ := transactionstore.FindMonth(months, monthBefore(now, 0))
	yearAgo, _ := transactionstore.FindMonth(months, monthBefore(now, yearBack))
	unusual, err := a.anomalies(ctx, caller.UserID, current, b)
	if err != nil {
		return analyticsResponse{}, err
	}
	return analyticsResponse{Success: true, Data: &analyticsData{
		Forecast: forecastOf(months, b, now), Anomalies: unusual, CategoryTrends: trendsOf(current, b[0]),
		SavingsOpportunity: totalOf(opportunitiesOf(b, inWords(current.Month))), SpendingVelocity: b[0].Spend.Sub(b.averageSpend()),
		ComparisonMetrics: comparison{change(b[0].Spend, b[1].Spend), change(b[0].Spend, yearAgo.Spend)},
	}}, nil
}

// change returns how much more than before something is, in percent to one decimal, and
// zero where there was nothing before.
func change(now, before money.Amount) float64 {
	return money.Percentage(now.Sub(before), before).Decimal().InexactFloat64()
}
