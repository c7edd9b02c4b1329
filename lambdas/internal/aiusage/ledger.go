package aiusage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions are what a function needs that opens a Ledger.
var Permissions = function.Permissions{
	Tables:   []tables.Grant{tables.AIUsageTracking.Allow(tables.GetItem, tables.PutItem, tables.UpdateItem)},
	Settings: []function.Setting{function.AI},
}

// User is whose calls are counted.
type User struct {
	ID   string
	Plan tables.Plan
}

// Tokens are the tokens of a call.
type Tokens struct{ Input, Output int64 }

// Settings are how the stage uses the model (config.AI).
type Settings struct {
	Enabled    bool
	Model      string
	Moderation bool
	// Budget is what the stage may spend in a month, in billionths of a USD.
	Budget int64
}

// readSettings returns the settings of a function that has Permissions.
func readSettings(resources *function.Resources) (Settings, error) {
	values := resources.Setting(function.AI)
	if len(values) != 4 {
		return Settings{}, fmt.Errorf("setting %s has %d values, not 4", function.AI, len(values))
	}
	budget, err := strconv.ParseInt(values[3], 10, 64)
	if err != nil || budget < 1 {
		return Settings{}, fmt.Errorf("setting %s: %q is no budget in USD", function.AI, values[3])
	}
	return Settings{Enabled: values[0] == "on", Model: values[1], Moderation: values[2] == "on", Budget: budget * usd}, nil
}

// Ledger counts calls. It is safe for concurrent use.
type Ledger struct {
	usage    *store.Table[tables.AIUsage]
	settings Settings
	price    openai.Price
	now      func() time.Time
}

// Open returns the ledger of a function that has Permissions. It returns an error for
// invalid settings.
func Open(resources *function.Resources) (*Ledger, error) {
	settings, err := readSettings(resources)
	if err != nil {
		return nil, err
	}
	return New(store.Open[tables.AIUsage](resources, tables.AIUsageTracking), settings, time.Now)
}

// New returns the ledger with this table, these settings and this clock. It returns an
// error for a model without a price.
func New(usage *store.Table[tables.AIUsage], settings Settings, now func() time.Time) (*Ledger, error) {
	price, err := openai.PriceOf(settings.Model)
	return &Ledger{usage: usage, settings: settings, price: price, now: now}, err
}

// Settings returns how the stage uses the model.
func (l *Ledger) Settings() Settings { return l.settings }

// Reservation is a call that is reserved and not yet settled or given back.
type Reservation struct {
	ledger *Ledger
	user   User
	id     string
	kind   Kind
	cost   int64
	at     time.Time
	closed bool
	// unmetered is how many requests are counted by AddUnmetered.
	unmetered int64
}

// Reserve reserves a call of the user that takes at most these tokens. It returns a
// *LimitError, ErrStage, or an error of the table.
func (l *Ledger) Reserve(ctx context.Context, user User, kind Kind, most Tokens) (*Reservation, error) {
	if !l.settings.Enabled {
		return nil, ErrStage
	}
	r := &Reservation{ledger: l, user: user, id: rand.Text(), kind: kind, cost: l.price.Of(most.Input, most.Output), at: l.now().UTC()}
	if err := l.hold(ctx, r); err != nil {
		return nil, err
	}
	if err := l.holdForStage(ctx, r); err != nil {
		return nil, errors.Join(err, r.release(ctx, Tokens{}, false))
	}
	return r, nil
}

// AddUnmetered counts requests of the call that may be billed at a price that is not
// known. When the call is closed, each costs the stage what was held for the call. They
// cost the user nothing.
func (r *Reservation) AddUnmetered(requests int64) { r.unmetered += requests }

// Settle counts what the call took. It does nothing for a call that is closed.
func (r *Reservation) Settle(ctx context.Context, used Tokens) error { return r.close(ctx, used, true) }

// Refused gives the call back to the user, and counts for the stage what it took.
func (r *Reservation) Refused(ctx context.Context, used Tokens) error {
	return r.close(ctx, used, false)
}

// GiveBack undoes the reservation, except for unmetered requests. It does nothing for a call that is closed, so it can
// be deferred.
func (r *Reservation) GiveBack(ctx context.Context) error { return r.close(ctx, Tokens{}, false) }

// closeTime bounds what is left to do for a call whose request has ended.
const closeTime = 2 * time.Second

// close ends the reservation. The end of the request does not stop it.
func (r *Reservation) close(ctx context.Context, used Tokens, charged bool) error {
	if r.closed {
		return nil
	}
	r.closed = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	cost := r.ledger.price.Of(used.Input, used.Output) + r.unmetered*r.cost
	return errors.Join(r.release(ctx, used, charged), r.ledger.settleForStage(ctx, r, cost))
}

// Usage is what a user has used, and may use.
type Usage struct {
	// Today is how many calls of a kind the user made today, and DailyLimit how many
	// they may make.
	Today, DailyLimit int
	// Cost is what the calls of the month cost, in billionths of a USD, and CostLimit
	// what they may cost.
	Cost, CostLimit int64
	// ResetsAt is when the day ends.
	ResetsAt time.Time
}

// Usage returns what the user has used of a kind. It sees every call that has begun.
func (l *Ledger) Usage(ctx context.Context, user User, kind Kind) (Usage, error) {
	now := l.now().UTC()
	usage, err := l.usage.Get(ctx, store.Key{user.ID, now.Format(dates.MonthLayout)}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		usage, err = &tables.AIUsage{}, nil
	}
	if err != nil {
		return Usage{}, err
	}
	roll(usage, now)
	return Usage{
		Today: usage.Daily[string(kind)], DailyLimit: Limits[user.Plan][kind].Daily,
		Cost: usage.Cost + held(usage), CostLimit: MonthlyMoney[user.Plan], ResetsAt: nextDay(now),
	}, nil
}

func nextDay(now time.Time) time.Time { return now.Truncate(24 * time.Hour).Add(24 * time.Hour) }

func nextMonth(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}
