package alerts

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Bills makes alerts of users' bills.
var Bills = function.Define(function.Spec[*bills]{
	Name:    "alerts-bills",
	Purpose: "Alerts users of bills that are due within three days, and of bills whose price rose.",
	New: func(resources *function.Resources) (*bills, error) {
		return &bills{
			raiser:      openRaiser(resources),
			preferences: store.Open[tables.AlertPreferencesItem](resources, tables.NotificationSettings),
			bills:       billstore.Open(resources),
			now:         time.Now,
		}, nil
	},
	Events: []function.EventOf[*bills]{function.Receives(BillVisits, (*bills).Visit)},
	Permissions: function.Permissions{Tables: []tables.Grant{
		tables.NotificationSettings.Allow(tables.GetItem),
		tables.ProactiveAlerts.Allow(tables.ConditionCheckItem),
	}}.And(raiserPermissions).And(billstore.ReadPermissions),
})

const (
	// subscriptionRenewal is the contract's type of alerts of bills.
	subscriptionRenewal = "SUBSCRIPTION_RENEWAL"
	// dueDays is how many days ahead a user is alerted of a bill.
	dueDays = 3
	// risenDays is for how many days a rise is news after it was known: statements are
	// imported once a month, and an import brings the rises of years.
	risenDays = 35
)

type bills struct {
	*raiser
	preferences *store.Table[tables.AlertPreferencesItem]
	bills       *billstore.Store
	now         func() time.Time
}

// Visit alerts a user of the bills that are due and of those whose price rose. A request
// that comes on a later day does nothing: that day has its own. Bills that are being erased
// are not told of.
func (b *bills) Visit(ctx context.Context, request mornings.Request) error {
	err := b.visit(ctx, request)
	if errors.Is(err, erasure.ErrUnfinished) {
		return nil
	}
	return err
}

func (b *bills) visit(ctx context.Context, request mornings.Request) error {
	if calendar.DayOf(b.now()) != request.Day {
		return nil
	}
	preferences, err := stored(ctx, b.preferences, request.UserID)
	if err != nil || !preferences.Alerts.Subscriptions {
		return err
	}
	source := erasure.ReadAt(b.now())
	known, err := b.bills.Read(ctx, request.UserID, request.Day)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil // the account was deleted
	}
	if err != nil {
		return err
	}
	for _, bill := range known.DueWithin(dueDays) {
		if err := b.due(ctx, request.UserID, bill, source); err != nil {
			return err
		}
	}
	for _, bill := range known.RisenSince("") {
		if err := b.risen(ctx, request, bill, source); err != nil {
			return err
		}
	}
	return nil
}

// due alerts of a bill that is due, once for its due day: also when it was known by another
// of its ids before, as a bill is that a device found and the backend detects later.
func (b *bills) due(ctx context.Context, userID string, bill billstore.Bill, source erasure.Source) error {
	if bill.Muted {
		return nil
	}
	hashes, err := b.bills.HashIDs(ctx, userID, bill)
	if err != nil {
		return err
	}
	id := func(hash string) string { return "bill-" + hash + "-due-" + string(bill.Due) }
	var others []store.Write
	for _, hash := range hashes[1:] {
		others = append(others, b.items.TxAbsent(store.Key{userID, id(hash)}))
	}
	return b.raise(ctx, tables.ProactiveAlert{
		UserID: userID, ID: id(hashes[0]), Type: subscriptionRenewal, Priority: "MEDIUM", Event: notifications.BillDue,
		Category: string(bill.Category), Day: string(bill.Due), Amount: bill.Amount, CreatedAt: b.now().UnixMilli(),
	}, source, others...)
}

// risen alerts of a bill whose price rose, once for the rise.
func (b *bills) risen(ctx context.Context, request mornings.Request, bill billstore.Bill, source erasure.Source) error {
	if bill.Known() < billdetect.AddDays(request.Day, -risenDays) {
		return nil
	}
	hashes, err := b.bills.HashIDs(ctx, request.UserID, bill)
	if err != nil {
		return err
	}
	rise := bill.Change
	return b.raise(ctx, tables.ProactiveAlert{
		UserID: request.UserID, ID: "bill-" + hashes[0] + "-rose-" + string(rise.Day), Type: subscriptionRenewal, Priority: "HIGH", Event: notifications.PriceRise,
		Category: string(bill.Category), Day: string(rise.Day), Amount: rise.To, Before: rise.From, CreatedAt: b.now().UnixMilli(),
	}, source)
}
