package alerts

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Alerts shows alerts and their preferences.
var Alerts = function.Define(function.Spec[*alerts]{
	Name:    "alerts",
	Purpose: "Lists the caller's alerts, acknowledges and dismisses them, and keeps the preferences of alerts.",
	New: func(resources *function.Resources) (*alerts, error) {
		return &alerts{
			items:       store.Open[tables.ProactiveAlert](resources, tables.ProactiveAlerts),
			preferences: store.Open[tables.AlertPreferencesItem](resources, tables.NotificationSettings),
			now:         time.Now,
		}, nil
	},
	Routes: []function.RouteOf[*alerts]{
		function.SignedIn("GET /alerts/pending", (*alerts).List),
		function.SignedIn("POST /alerts/{alertId}/acknowledge", (*alerts).Acknowledge),
		function.SignedIn("POST /alerts/{alertId}/dismiss", (*alerts).Dismiss),
		function.SignedIn("GET /alerts/preferences", (*alerts).Preferences),
		function.SignedIn("PUT /alerts/preferences", (*alerts).SetPreferences),
	},
	Permissions: function.Permissions{Tables: []tables.Grant{
		tables.ProactiveAlerts.Allow(tables.Query, tables.UpdateItem),
		tables.NotificationSettings.Allow(tables.GetItem, tables.PutItem),
	}},
})

type alerts struct {
	items       *store.Table[tables.ProactiveAlert]
	preferences *store.Table[tables.AlertPreferencesItem]
	now         func() time.Time
}

// alertResponse is an alert as the app reads it.
type alertResponse struct {
	AlertID    string        `json:"alertId"`
	UserID     string        `json:"userId"`
	Type       string        `json:"type"`
	Priority   string        `json:"priority"`
	Title      string        `json:"title"`
	Message    string        `json:"message"`
	Actionable bool          `json:"actionable"`
	Metadata   metadata      `json:"metadata"`
	Status     string        `json:"status"`
	CreatedAt  dates.Instant `json:"createdAt"`
}

type metadata struct {
	BudgetID      string        `json:"budgetId,omitempty"`
	GoalID        string        `json:"goalId,omitempty"`
	TransactionID string        `json:"transactionId,omitempty"`
	Percentage    int           `json:"percentage,omitempty"`
	Amount        money.Amount  `json:"amount"`
	Remaining     *money.Amount `json:"remaining,omitempty"`
}

func responseOf(a tables.ProactiveAlert) alertResponse {
	about := metadata{BudgetID: a.BudgetID, GoalID: a.GoalID, TransactionID: a.TransactionID, Percentage: a.Threshold, Amount: a.Amount}
	if a.BudgetID != "" {
		remaining := a.Limit.Sub(a.Amount)
		about.Remaining = &remaining
	}
	title, message := notifications.Compose(noticeOf(a).Item(), "")
	return alertResponse{
		AlertID: a.ID, UserID: a.UserID, Type: a.Type, Priority: a.Priority, Title: title, Message: message,
		Metadata: about, Status: string(a.Status), CreatedAt: dates.Milliseconds(a.CreatedAt),
	}
}

type listResponse struct {
	Alerts              function.List[alertResponse] `json:"alerts"`
	TotalCount          int                          `json:"totalCount"`
	UnacknowledgedCount int                          `json:"unacknowledgedCount"`
}

// List returns the caller's alerts of the last 30 days that are neither acknowledged nor
// dismissed, the newest first.
func (a *alerts) List(ctx context.Context, caller function.Caller, _ function.NoInput) (listResponse, error) {
	page, err := a.items.Query(ctx, store.Query{
		Partition: caller.UserID, Limit: maxListed, Consistency: store.Consistent,
		Filter: expression.Name("status").Equal(expression.Value(tables.AlertPending)).
			And(expression.Name("createdAt").GreaterThan(expression.Value(a.now().Add(-shownFor).UnixMilli()))),
	})
	if err != nil {
		return listResponse{}, err
	}
	slices.SortFunc(page.Items, func(x, y tables.ProactiveAlert) int { return cmp.Compare(y.CreatedAt, x.CreatedAt) })
	found := listResponse{TotalCount: len(page.Items), UnacknowledgedCount: len(page.Items)}
	for _, item := range page.Items {
		found.Alerts = append(found.Alerts, responseOf(item))
	}
	return found, nil
}

type alertRequest struct {
	AlertID string `path:"alertId" validate:"required,max=200,plaintext"`
}

type acknowledgeResponse struct {
	Alert alertResponse `json:"alert"`
}

// Acknowledge marks an alert of the caller as seen. An alert that is dismissed stays so.
func (a *alerts) Acknowledge(ctx context.Context, caller function.Caller, in alertRequest) (acknowledgeResponse, error) {
	open := expression.Name("status").NotEqual(expression.Value(tables.AlertDismissed))
	changed, err := a.items.Notes().Update(ctx, store.Key{caller.UserID, in.AlertID},
		expression.Set(expression.Name("status"), expression.Value(tables.AlertAcknowledged)), open)
	if dismissed, is := a.items.ConflictingItem(err); is && errors.Is(err, store.ErrConditionFailed) {
		changed, err = dismissed, nil
	}
	if err != nil {
		return acknowledgeResponse{}, store.AsNotFound(err, errNoAlert)
	}
	return acknowledgeResponse{responseOf(*changed)}, nil
}

// Dismiss removes an alert of the caller from the list for good.
func (a *alerts) Dismiss(ctx context.Context, caller function.Caller, in alertRequest) (function.SuccessResponse, error) {
	_, err := a.items.Notes().Update(ctx, store.Key{caller.UserID, in.AlertID},
		expression.Set(expression.Name("status"), expression.Value(tables.AlertDismissed)))
	return function.SuccessResponse{Success: true, Message: "The alert is dismissed."}, store.AsNotFound(err, errNoAlert)
}
