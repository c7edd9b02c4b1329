package alerts

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// Detect makes alerts of what happens in other domains.
var Detect = function.Define(function.Spec[*detect]{
	Name:    "alerts-detect",
	Purpose: "Alerts users of goals that were reached, thresholds of budgets that were crossed, and large or unusual payments.",
	New: func(resources *function.Resources) (*detect, error) {
		return &detect{
			raiser:      openRaiser(resources),
			preferences: store.Open[tables.AlertPreferencesItem](resources, tables.NotificationSettings),
			goals:       store.Open[store.SealedItem](resources, tables.Goals),
			budgets:     store.Open[tables.BudgetAlert](resources, tables.Budgets),
			payments:    store.Open[payment](resources, tables.Transactions),
			now:         time.Now,
		}, nil
	},
	Events: []function.EventOf[*detect]{
		function.Consumes(goals.Reached, (*detect).GoalReached),
		function.Consumes(budgets.Crossed, (*detect).BudgetCrossed),
		function.Consumes(transactions.Changed, (*detect).TransactionChanged),
	},
	Timeout: 30 * time.Second, // an import may bring many payments of these days
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.NotificationSettings.Allow(tables.GetItem),
			tables.Goals.Allow(tables.ConditionCheckItem),
			tables.Budgets.Allow(tables.ConditionCheckItem),
			tables.Transactions.AllowQuery(tables.TransactionsByDay),
		},
	}.And(raiserPermissions),
})

type detect struct {
	*raiser
	preferences *store.Table[tables.AlertPreferencesItem]
	goals       *store.Table[store.SealedItem]
	budgets     *store.Table[tables.BudgetAlert]
	payments    *store.Table[payment]
	now         func() time.Time
}

// GoalReached alerts of a goal that was reached, while the goal is there.
func (d *detect) GoalReached(ctx context.Context, reached goals.GoalReached) error {
	preferences, err := stored(ctx, d.preferences, reached.UserID)
	if err != nil || !preferences.Alerts.Goals {
		return err
	}
	return d.raise(ctx, tables.ProactiveAlert{
		UserID: reached.UserID, ID: reached.Cause(), Type: "GOAL_ACHIEVED", Priority: "MEDIUM", Event: goals.Reached.Name,
		GoalID: reached.GoalID, Amount: reached.TargetAmount, CreatedAt: reached.ReachedAt,
	}, erasure.CausedAt(reached.ReachedAt), d.goals.TxConditionCheck(store.Key{reached.UserID, reached.GoalID}))
}

// BudgetCrossed alerts of a threshold of a budget that was crossed, while the budget's own
// record of it is there.
func (d *detect) BudgetCrossed(ctx context.Context, crossed budgets.BudgetCrossed) error {
	preferences, err := stored(ctx, d.preferences, crossed.UserID)
	if err != nil || !preferences.Alerts.Budgets {
		return err
	}
	kind, priority := "BUDGET_WARNING_80", "MEDIUM"
	switch {
	case crossed.Threshold >= 100:
		kind, priority = "BUDGET_EXCEEDED", "URGENT"
	case crossed.Threshold >= 90:
		kind, priority = "BUDGET_WARNING_90", "HIGH"
	}
	return d.raise(ctx, tables.ProactiveAlert{
		UserID: crossed.UserID, ID: crossed.Cause(),
		Type: kind, Priority: priority, Event: budgets.Crossed.Name, BudgetID: crossed.BudgetID,
		Threshold: crossed.Threshold, Limit: crossed.Limit, Amount: crossed.Spend, CreatedAt: crossed.CrossedAt,
	}, erasure.CausedAt(crossed.CrossedAt), d.budgets.TxConditionCheck(store.Key{crossed.UserID, crossed.AlertID}))
}
