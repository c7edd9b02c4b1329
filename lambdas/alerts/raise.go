package alerts

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// raiserPermissions are what a function declares that opens a raiser.
var raiserPermissions = function.Permissions{
	Tables:    []tables.Grant{tables.ProactiveAlerts.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem)},
	Publishes: []*function.Topic{notifications.Noticed.Topic},
}.And(erasure.GuardPermissions)

// raiser stores alerts and publishes their notices, once for each cause.
type raiser struct {
	guard   *erasure.Guard
	items   *store.Table[tables.ProactiveAlert]
	notices interface {
		Publish(ctx context.Context, id string, message notifications.Notice) error
	}
}

func openRaiser(resources *function.Resources) *raiser {
	return &raiser{
		guard: erasure.OpenGuard(resources), items: store.Open[tables.ProactiveAlert](resources, tables.ProactiveAlerts),
		notices: messaging.Open(resources, notifications.Noticed),
	}
}

// raise stores an alert and publishes its notice. It stores none where its source is
// erased, or a condition in causes does not hold, such as that its goal is there. An alert
// that is stored already stays as it is, and its notice is published unless it has been. A
// process that ends before it notes the publication leads to the same notice again, which
// the consumers know by its id.
func (r *raiser) raise(ctx context.Context, alert tables.ProactiveAlert, source erasure.Source, causes ...store.Write) error {
	key := store.Key{alert.UserID, alert.ID}
	stored, err := r.items.Get(ctx, key, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		alert.Status, alert.ExpiresAt = tables.AlertPending, time.UnixMilli(alert.CreatedAt).Add(retention).Unix()
		alert.CausedAt = source.Time()
		if err := r.guard.Write(ctx, alert.UserID, source, append(causes, r.items.TxCreate(alert))...); err != nil {
			return err
		}
		stored, err = r.items.Get(ctx, key, store.Consistent)
	}
	if err != nil || stored.Published {
		return store.IgnoreNotFound(err) // what the alert is about is gone, or the user
	}
	if err := r.notices.Publish(ctx, alert.ID, noticeOf(*stored)); err != nil {
		return err
	}
	_, err = r.items.Notes().Update(ctx, key, expression.Set(expression.Name("published"), expression.Value(true)))
	return store.IgnoreNotFound(err)
}

// noticeOf returns the notice of an alert.
func noticeOf(a tables.ProactiveAlert) notifications.Notice {
	kind := "transaction"
	switch {
	case a.GoalID != "":
		kind = "insight"
	case a.BudgetID != "":
		kind = "budget"
	case a.Type == subscriptionRenewal:
		kind = "account"
	}
	return notifications.Notice{
		UserID: a.UserID, Cause: a.ID, At: a.CreatedAt, CausedAt: a.CausedAt, Type: kind, Event: a.Event, GoalID: a.GoalID, BudgetID: a.BudgetID,
		TransactionID: a.TransactionID, Category: a.Category, Day: a.Day, Threshold: a.Threshold, Limit: a.Limit, Amount: a.Amount, Before: a.Before,
	}
}
