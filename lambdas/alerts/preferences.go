package alerts

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// preferencesResponse are the preferences as the app reads them.
type preferencesResponse struct {
	UserID                      string        `json:"userId"`
	EnableBudgetAlerts          bool          `json:"enableBudgetAlerts"`
	EnableGoalAlerts            bool          `json:"enableGoalAlerts"`
	EnableSubscriptionAlerts    bool          `json:"enableSubscriptionAlerts"`
	EnableSpendingAnomalyAlerts bool          `json:"enableSpendingAnomalyAlerts"`
	QuietHoursStart             string        `json:"quietHoursStart"`
	QuietHoursEnd               string        `json:"quietHoursEnd"`
	MaxAlertsPerDay             int           `json:"maxAlertsPerDay"`
	UpdatedAt                   dates.Instant `json:"updatedAt,omitempty"`
}

func preferencesOf(item tables.AlertPreferencesItem) preferencesResponse {
	p := item.Alerts
	shown := preferencesResponse{
		UserID: item.UserID, EnableBudgetAlerts: p.Budgets, EnableGoalAlerts: p.Goals, EnableSubscriptionAlerts: p.Subscriptions,
		EnableSpendingAnomalyAlerts: p.Anomalies, QuietHoursStart: p.QuietFrom, QuietHoursEnd: p.QuietTo, MaxAlertsPerDay: p.MaxPerDay,
	}
	if item.UpdatedAt != 0 {
		shown.UpdatedAt = dates.Milliseconds(item.UpdatedAt)
	}
	return shown
}

// preferencesRequest has the preferences to change. An absent one stays. The user's id and
// the time are not read.
type preferencesRequest struct {
	UserID                      *string `json:"userId" validate:"omitempty,max=100,plaintext"`
	EnableBudgetAlerts          *bool   `json:"enableBudgetAlerts"`
	EnableGoalAlerts            *bool   `json:"enableGoalAlerts"`
	EnableSubscriptionAlerts    *bool   `json:"enableSubscriptionAlerts"`
	EnableSpendingAnomalyAlerts *bool   `json:"enableSpendingAnomalyAlerts"`
	QuietHoursStart             *string `json:"quietHoursStart" validate:"omitempty,max=5,plaintext"`
	QuietHoursEnd               *string `json:"quietHoursEnd" validate:"omitempty,max=5,plaintext"`
	MaxAlertsPerDay             *int    `json:"maxAlertsPerDay" validate:"omitempty,min=0,max=100"`
	UpdatedAt                   *string `json:"updatedAt" validate:"omitempty,instant"`
}

// apply changes the preferences. It returns errQuietHours for quiet hours that are none.
func (r preferencesRequest) apply(p *tables.AlertPreferences) error {
	for _, field := range []struct{ to, from *bool }{
		{&p.Budgets, r.EnableBudgetAlerts}, {&p.Goals, r.EnableGoalAlerts},
		{&p.Subscriptions, r.EnableSubscriptionAlerts}, {&p.Anomalies, r.EnableSpendingAnomalyAlerts},
	} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	for _, field := range []struct{ to, from *string }{{&p.QuietFrom, r.QuietHoursStart}, {&p.QuietTo, r.QuietHoursEnd}} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if r.MaxAlertsPerDay != nil {
		p.MaxPerDay = *r.MaxAlertsPerDay
	}
	if p.QuietFrom == "" && p.QuietTo == "" {
		return nil
	}
	for _, text := range []string{p.QuietFrom, p.QuietTo} {
		if _, err := time.Parse("15:04", text); err != nil || len(text) != len("15:04") {
			return errQuietHours
		}
	}
	return nil
}

// stored returns a user's preferences, and those of a new user when there are none.
func stored(ctx context.Context, table *store.Table[tables.AlertPreferencesItem], userID string) (tables.AlertPreferencesItem, error) {
	item, err := table.Get(ctx, store.Key{userID, tables.AlertPreferencesID}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return tables.AlertPreferencesItem{UserID: userID, ID: tables.AlertPreferencesID, Alerts: tables.DefaultAlertPreferences()}, nil
	}
	if err != nil {
		return tables.AlertPreferencesItem{}, err
	}
	return *item, nil
}

// Preferences returns the caller's preferences.
func (a *alerts) Preferences(ctx context.Context, caller function.Caller, _ function.NoInput) (preferencesResponse, error) {
	item, err := stored(ctx, a.preferences, caller.UserID)
	return preferencesOf(item), err
}

// maxAttempts is how often a change is tried that another request comes before.
const maxAttempts = 5

// SetPreferences changes the preferences that the request has.
func (a *alerts) SetPreferences(ctx context.Context, caller function.Caller, in preferencesRequest) (preferencesResponse, error) {
	for range maxAttempts {
		item, err := stored(ctx, a.preferences, caller.UserID)
		if err != nil {
			return preferencesResponse{}, err
		}
		if err := in.apply(&item.Alerts); err != nil {
			return preferencesResponse{}, err
		}
		updatedAt := expression.Name("updatedAt")
		unchanged := updatedAt.AttributeNotExists()
		if item.UpdatedAt != 0 {
			unchanged = updatedAt.Equal(expression.Value(item.UpdatedAt))
		}
		item.UpdatedAt = max(a.now().UnixMilli(), item.UpdatedAt+1)
		if err = a.preferences.Put(ctx, item, unchanged); err == nil || !errors.Is(err, store.ErrConditionFailed) {
			return preferencesOf(item), err
		}
	}
	return preferencesResponse{}, store.ErrConflict
}
