package budgets

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"golang.org/x/sync/errgroup"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List reads budgets and their alerts.
var List = function.Define(function.Spec[*list]{
	Name:    "budgets-list",
	Purpose: "Lists the caller's budgets, what is spent of them this month, and this month's alerts.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{budgetstore.Open(resources), store.Open[tables.BudgetAlert](resources, tables.Budgets), time.Now}, nil
	},
	Routes: []function.RouteOf[*list]{
		function.SignedIn("GET /profile/budget-preferences", (*list).Preferences),
		function.SignedIn("GET /budgets", (*list).List),
		function.SignedIn("GET /budgets/alerts", (*list).Alerts),
	},
	Permissions: budgetstore.Permissions.And(function.Permissions{
		Tables: []tables.Grant{tables.Budgets.Allow(tables.Query)},
	}),
})

type list struct {
	budgets *budgetstore.Reader
	alerts  *store.Table[tables.BudgetAlert]
	now     func() time.Time
}

// Preferences returns the caller's budgets.
func (l *list) Preferences(ctx context.Context, caller function.Caller, _ function.NoInput) (preferencesResponse, error) {
	stored, err := l.budgets.Preferences(ctx, caller.UserID)
	return preferencesResponse{BudgetPreferences: preferencesOf(stored)}, err
}

// budgetResponse is a budget with what is spent of it this month.
type budgetResponse struct {
	ID             string        `json:"id"`
	Name           string        `json:"name"`
	Category       string        `json:"category"`
	Amount         money.Amount  `json:"amount"`
	Period         string        `json:"period"`
	CurrentSpent   money.Amount  `json:"currentSpent"`
	Progress       float64       `json:"progress"` // percent of the limit, rounded down to one decimal
	IsOverBudget   bool          `json:"isOverBudget"`
	IsActive       bool          `json:"isActive"`
	AlertThreshold float64       `json:"alertThreshold"` // whole percent
	CreatedAt      dates.Instant `json:"createdAt"`
	UpdatedAt      dates.Instant `json:"updatedAt"`
}

type listResponse struct {
	Budgets function.List[budgetResponse] `json:"budgets"`
}

// List returns the caller's budgets, the monthly one first.
func (l *list) List(ctx context.Context, caller function.Caller, _ function.NoInput) (listResponse, error) {
	budgets, err := l.budgets.Of(ctx, caller.UserID, calendar.MonthOf(l.now()))
	var response listResponse
	for _, b := range budgets {
		response.Budgets = append(response.Budgets, budgetResponse{
			ID: b.ID, Name: b.Name(), Category: b.Name(), Amount: b.Limit, Period: "monthly", CurrentSpent: b.Spend,
			Progress: b.Used().InexactFloat64(), IsOverBudget: b.Over(), IsActive: true, AlertThreshold: float64(b.AlertThreshold),
			CreatedAt: dates.Milliseconds(b.CreatedAt), UpdatedAt: dates.Milliseconds(b.ChangedAt),
		})
	}
	return response, err
}

// alertResponse is a threshold that was crossed this month.
type alertResponse struct {
	ID           string        `json:"id"`
	BudgetID     string        `json:"budgetId"`
	Category     string        `json:"category"`
	Month        string        `json:"month"`
	Threshold    int           `json:"threshold"` // percent of the limit
	Amount       money.Amount  `json:"amount"`
	CurrentSpent money.Amount  `json:"currentSpent"` // at the crossing
	CreatedAt    dates.Instant `json:"createdAt"`
}

type alertsResponse struct {
	Alerts function.List[alertResponse] `json:"alerts"`
}

// Alerts returns this month's alerts of the budgets as they are now.
func (l *list) Alerts(ctx context.Context, caller function.Caller, _ function.NoInput) (alertsResponse, error) {
	var stored []tables.BudgetAlert
	var both errgroup.Group
	both.Go(func() (err error) {
		stored, err = alertsOf(ctx, l.alerts, caller.UserID, calendar.MonthOf(l.now()))
		return err
	})
	preferences, err := l.budgets.Preferences(ctx, caller.UserID)
	if err := errors.Join(err, both.Wait()); err != nil {
		return alertsResponse{}, err
	}
	var response alertsResponse
	for _, alert := range stored {
		if budget, found := preferences.Budgets[alert.BudgetID]; !found || budget.ChangedAt != alert.BudgetChangedAt {
			continue
		}
		response.Alerts = append(response.Alerts, alertResponse{
			ID: alert.ID, BudgetID: alert.BudgetID, Category: budgetstore.NameOf(alert.BudgetID), Month: alert.Month, Threshold: alert.Threshold,
			Amount: alert.Limit, CurrentSpent: alert.Spend, CreatedAt: dates.Milliseconds(alert.CrossedAt),
		})
	}
	return response, nil
}

// maxAlerts is more alerts than a month has: one for each budget.
const maxAlerts = 100

// alertsOf returns a user's alerts of a month, by the budget's id.
func alertsOf(ctx context.Context, alerts *store.Table[tables.BudgetAlert], userID, month string) ([]tables.BudgetAlert, error) {
	page, err := alerts.Query(ctx, store.Query{
		Partition: userID, Sort: expression.Key(tables.Budgets.SortKey.Name).BeginsWith(tables.BudgetAlertID(month, "")),
		Limit: maxAlerts, Consistency: store.Consistent,
	})
	return page.Items, err
}
