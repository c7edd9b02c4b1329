package budgets

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// BudgetCrossed says that spending reached a threshold of a budget. It has no text of the
// user.
type BudgetCrossed struct {
	UserID string `json:"userId"`
	// AlertID is the id of the alert's item in tables.Budgets.
	AlertID string `json:"alertId"`
	// BudgetID is tables.MonthlyBudgetID or a category's canonical code.
	BudgetID string `json:"budgetId"`
	// Month is YYYY-MM.
	Month string `json:"month"`
	// Threshold is in percent of Limit.
	Threshold int          `json:"threshold"`
	Limit     money.Amount `json:"limit"`
	Spend     money.Amount `json:"spend"`
	// CrossedAt is in epoch milliseconds.
	CrossedAt int64 `json:"crossedAt"`
	// BudgetChangedAt is when the budget's limit or threshold changed last, in epoch
	// milliseconds. Messages of earlier versions do not have it.
	BudgetChangedAt int64 `json:"budgetChangedAt,omitempty"`
}

// Cause returns the cause of the alert and the notification of the crossing. A budget whose
// limit or threshold changed is a new one, so that its crossing is another cause.
func (c BudgetCrossed) Cause() string {
	id := "budget-" + c.Month + "-" + c.BudgetID + "-" + strconv.Itoa(c.Threshold)
	if c.BudgetChangedAt == 0 {
		return id
	}
	return id + "-" + strconv.FormatInt(c.BudgetChangedAt, 10)
}

// Crossed has a message for each threshold that is reached, once for a budget and month.
var Crossed = function.NewTopic[BudgetCrossed]("budget-crossed", "Spending of a user reached a threshold of a budget.")

// Alerts follows the changes of transactions.
var Alerts = function.Define(function.Spec[*alerts]{
	Name:    "budgets-alerts",
	Purpose: "Stores and publishes which thresholds of budgets this month's spending has reached.",
	New: func(resources *function.Resources) (*alerts, error) {
		return &alerts{
			guard: erasure.OpenGuard(resources), budgets: budgetstore.Open(resources),
			preferences: store.Open[tables.BudgetPreferences](resources, tables.Budgets),
			alerts:      store.Open[tables.BudgetAlert](resources, tables.Budgets),
			crossed:     messaging.Open(resources, Crossed), now: time.Now,
		}, nil
	},
	Events: []function.EventOf[*alerts]{function.ConsumesGroups(transactions.Changed, userAndMonths, (*alerts).Evaluate)},
	Permissions: function.Permissions{
		Tables:    []tables.Grant{tables.Budgets.Allow(tables.Query, tables.PutItem, tables.UpdateItem, tables.ConditionCheckItem)},
		Publishes: []*function.Topic{Crossed.Topic},
	}.And(budgetstore.Permissions).And(erasure.GuardPermissions),
})

type alerts struct {
	guard       *erasure.Guard
	budgets     *budgetstore.Reader
	preferences *store.Table[tables.BudgetPreferences]
	alerts      *store.Table[tables.BudgetAlert]
	crossed     interface {
		Publish(ctx context.Context, id string, message BudgetCrossed) error
	}
	now func() time.Time
}

// fullThreshold is the threshold that every budget has, in percent.
const fullThreshold = 100

// alertRetention is how long an alert is stored.
const alertRetention = 90 * 24 * time.Hour

// userAndMonths is the group of a change: the changes of one user that concern the same
// months lead to the same evaluation.
func userAndMonths(change transactions.TransactionChanged) string {
	return change.UserID + "#" + monthOf(change.Before) + "#" + monthOf(change.After)
}

func monthOf(state *transactions.TransactionState) string {
	if state == nil || len(state.Day) < len(dates.MonthLayout) {
		return ""
	}
	return state.Day[:len(dates.MonthLayout)]
}

// Evaluate stores and publishes what a change of a transaction of this month led to.
// Changes of other months lead to nothing.
func (a *alerts) Evaluate(ctx context.Context, change transactions.TransactionChanged) error {
	month := calendar.MonthOf(a.now())
	if monthOf(change.Before) != month && monthOf(change.After) != month {
		return nil
	}
	source := erasure.ReadAt(a.now())
	stored, err := a.budgets.Preferences(ctx, change.UserID)
	if err != nil || len(stored.Budgets) == 0 {
		return err
	}
	spent, err := a.budgets.Spent(ctx, change.UserID, month)
	if err != nil {
		return err
	}
	reached := a.reachedOf(budgetstore.Status(stored, spent), change.UserID, month)
	if len(reached) == 0 {
		return nil
	}
	known, err := alertsOf(ctx, a.alerts, change.UserID, month)
	if err != nil {
		return err
	}
	for _, alert := range reached {
		if err := a.raise(ctx, alert, source, known); err != nil {
			return err
		}
	}
	return nil
}

// reachedOf returns an alert for the highest threshold that each budget has reached.
func (a *alerts) reachedOf(budgets []budgetstore.Budget, userID, month string) (reached []tables.BudgetAlert) {
	now := a.now()
	for _, b := range budgets {
		threshold := 0
		for _, percent := range []int{b.AlertThreshold, fullThreshold} {
			if b.Reached(percent) {
				threshold = percent
			}
		}
		if threshold == 0 {
			continue
		}
		reached = append(reached, tables.BudgetAlert{
			UserID: userID, ID: tables.BudgetAlertID(month, b.ID), BudgetID: b.ID, Month: month, Threshold: threshold, Limit: b.Limit, Spend: b.Spend,
			BudgetChangedAt: b.ChangedAt, CrossedAt: now.UnixMilli(), ExpiresAt: now.Add(alertRetention).Unix(),
		})
	}
	return reached
}

// raise stores an alert while its budget is as it was read, publishes it and marks it
// published, unless the stored ones have it. One that was stored and not published is
// published as it was stored.
func (a *alerts) raise(ctx context.Context, alert tables.BudgetAlert, source erasure.Source, known []tables.BudgetAlert) error {
	i := slices.IndexFunc(known, func(k tables.BudgetAlert) bool { return covers(k, alert) })
	if i >= 0 {
		if known[i].Published {
			return nil
		}
		return a.publish(ctx, known[i])
	}
	sameBudget := expression.Name("budgets." + alert.BudgetID + ".changedAt").Equal(expression.Value(alert.BudgetChangedAt))
	isNew := expression.Name("id").AttributeNotExists().Or(
		expression.Name("budgetChangedAt").NotEqual(expression.Value(alert.BudgetChangedAt)),
		expression.Name("threshold").LessThan(expression.Value(alert.Threshold)),
	)
	wrote, err := a.guard.TryWrite(ctx, alert.UserID, source,
		a.preferences.TxConditionCheck(store.Key{alert.UserID, tables.BudgetPreferencesID}, sameBudget), a.alerts.TxPut(alert, isNew))
	if err != nil || !wrote {
		return err
	}
	return a.publish(ctx, alert)
}

func (a *alerts) publish(ctx context.Context, alert tables.BudgetAlert) error {
	id := alert.UserID + "#" + alert.ID + "#" + strconv.FormatInt(alert.BudgetChangedAt, 10) + "#" + strconv.Itoa(alert.Threshold)
	err := a.crossed.Publish(ctx, id, BudgetCrossed{
		UserID: alert.UserID, AlertID: alert.ID, BudgetID: alert.BudgetID, Month: alert.Month,
		Threshold: alert.Threshold, Limit: alert.Limit, Spend: alert.Spend, CrossedAt: alert.CrossedAt,
		BudgetChangedAt: alert.BudgetChangedAt,
	})
	if err != nil {
		return err
	}
	same := expression.Name("crossedAt").Equal(expression.Value(alert.CrossedAt))
	_, err = a.alerts.Notes().Update(ctx, store.Key{alert.UserID, alert.ID}, expression.Set(expression.Name("published"), expression.Value(true)), same)
	return store.IgnoreConditionFailed(store.IgnoreNotFound(err))
}

// covers reports whether a stored alert says what another would say.
func covers(stored, other tables.BudgetAlert) bool {
	return stored.ID == other.ID && stored.BudgetChangedAt == other.BudgetChangedAt && stored.Threshold >= other.Threshold
}
