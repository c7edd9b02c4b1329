package notifications

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Feed enters into users' notifications what happens in other domains.
var Feed = function.Define(function.Spec[*feed]{
	Name:    "notifications-feed",
	Purpose: "Enters a notification for each goal that was reached, each threshold of a budget that was crossed, and each other notice.",
	New: func(resources *function.Resources) (*feed, error) {
		return &feed{
			guard:   erasure.OpenGuard(resources),
			goals:   store.Open[store.SealedItem](resources, tables.Goals),
			budgets: store.Open[tables.BudgetAlert](resources, tables.Budgets),
			history: store.Open[tables.Notification](resources, tables.NotificationHistory),
		}, nil
	},
	Events: []function.EventOf[*feed]{
		function.Consumes(goals.Reached, (*feed).AddGoal),
		function.Consumes(budgets.Crossed, (*feed).AddBudget),
		function.Consumes(Noticed, (*feed).AddNotice),
	},
	Permissions: function.Permissions{Tables: []tables.Grant{
		tables.Goals.Allow(tables.ConditionCheckItem),
		tables.Budgets.Allow(tables.ConditionCheckItem),
		tables.NotificationHistory.Allow(tables.PutItem),
	}}.And(erasure.GuardPermissions),
})

// retention is how long a notification is listed.
const retention = 90 * 24 * time.Hour

type feed struct {
	guard   *erasure.Guard
	goals   *store.Table[store.SealedItem]
	budgets *store.Table[tables.BudgetAlert]
	history *store.Table[tables.Notification]
}

// AddGoal enters the notification of a goal that was reached, once, while the goal and
// its user are there.
func (f *feed) AddGoal(ctx context.Context, reached goals.GoalReached) error {
	at := time.UnixMilli(reached.ReachedAt)
	return f.guard.Write(ctx, reached.UserID, erasure.CausedAt(reached.ReachedAt),
		f.goals.TxConditionCheck(store.Key{reached.UserID, reached.GoalID}),
		f.history.TxCreate(tables.Notification{
			UserID: reached.UserID, ID: store.TimeOrderedID(at, reached.Cause()),
			Type: "insight", Event: goals.Reached.Name, GoalID: reached.GoalID, Amount: reached.TargetAmount,
			CreatedAt: reached.ReachedAt, ExpiresAt: at.Add(retention).Unix(),
		}),
	)
}

// AddBudget enters the notification of a threshold of a budget that was crossed, once,
// while the alert and its user are there.
func (f *feed) AddBudget(ctx context.Context, crossed budgets.BudgetCrossed) error {
	at := time.UnixMilli(crossed.CrossedAt)
	return f.guard.Write(ctx, crossed.UserID, erasure.CausedAt(crossed.CrossedAt),
		f.budgets.TxConditionCheck(store.Key{crossed.UserID, crossed.AlertID}),
		f.history.TxCreate(tables.Notification{
			UserID: crossed.UserID, ID: store.TimeOrderedID(at, crossed.Cause()), Type: "budget", Event: budgets.Crossed.Name,
			BudgetID: crossed.BudgetID, Threshold: crossed.Threshold, Limit: crossed.Limit, Amount: crossed.Spend,
			CreatedAt: crossed.CrossedAt, ExpiresAt: at.Add(retention).Unix(),
		}),
	)
}

// AddNotice enters the notification of a notice, once, while its user is there. AddGoal and
// AddBudget enter those of goals and budgets, and a client's own was entered when it was
// sent.
func (f *feed) AddNotice(ctx context.Context, notice Notice) error {
	switch notice.Event {
	case goals.Reached.Name, budgets.Crossed.Name, Sent:
		return nil
	}
	return f.guard.Write(ctx, notice.UserID, notice.source(), f.history.TxCreate(notice.Item()))
}
