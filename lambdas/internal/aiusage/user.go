package aiusage

import (
	"context"
	"maps"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// hourLayout is the layout of AIUsage.Hour.
const hourLayout = "2006-01-02T15"

// hold adds the call to the user's item, if the user's limits leave room for it.
func (l *Ledger) hold(ctx context.Context, r *Reservation) error {
	return l.modify(ctx, r, func(usage *tables.AIUsage) error {
		roll(usage, r.at)
		if err := room(usage, r); err != nil {
			return err
		}
		count(usage, string(r.kind), 1)
		usage.Held[r.id] = tables.AIHold{Kind: string(r.kind), Cost: r.cost, At: r.at.UnixMilli()}
		return nil
	})
}

// release takes the call out of the user's item, and adds what it took if it is charged.
func (r *Reservation) release(ctx context.Context, used Tokens, charged bool) error {
	return r.ledger.modify(ctx, r, func(usage *tables.AIUsage) error {
		_, isHeld := usage.Held[r.id]
		delete(usage.Held, r.id)
		switch {
		case charged:
			usage.Cost += r.ledger.price.Of(used.Input, used.Output)
			usage.InputTokens, usage.OutputTokens = usage.InputTokens+used.Input, usage.OutputTokens+used.Output
			usage.Calls = increased(usage.Calls, string(r.kind), 1)
		case isHeld:
			giveBack(usage, string(r.kind), r.at)
		}
		return nil
	})
}

// modify changes the user's item of the month in which the call began.
func (l *Ledger) modify(ctx context.Context, r *Reservation, edit func(*tables.AIUsage) error) error {
	month := r.at.Format(dates.MonthLayout)
	fresh := func() *tables.AIUsage {
		return &tables.AIUsage{UserID: r.user.ID, Period: month, ExpiresAt: nextMonth(r.at).Add(keepAfter).Unix()}
	}
	_, err := l.usage.ModifyOrCreate(ctx, store.Key{r.user.ID, month}, fresh, func(usage *tables.AIUsage) error {
		if usage.Held == nil {
			usage.Held = map[string]tables.AIHold{}
		}
		return edit(usage)
	})
	return err
}

// roll begins a new day and hour where they have begun, and drops calls that died.
func roll(usage *tables.AIUsage, now time.Time) {
	for id, hold := range usage.Held {
		if at := time.UnixMilli(hold.At); now.Sub(at) > holdTime {
			delete(usage.Held, id)
			giveBack(usage, hold.Kind, at.UTC())
		}
	}
	if day := now.Format(time.DateOnly); usage.Day < day {
		usage.Day, usage.Daily = day, nil
	}
	if hour := now.Format(hourLayout); usage.Hour < hour {
		usage.Hour, usage.Hourly = hour, nil
	}
}

// room returns a *LimitError unless the user may make the call.
func room(usage *tables.AIUsage, r *Reservation) error {
	limit := Limits[r.user.Plan][r.kind]
	refusal := func(period Period, end time.Time) error { return &LimitError{r.kind, period, end.Sub(r.at)} }
	switch kind := string(r.kind); {
	case usage.Cost+held(usage)+r.cost > MonthlyMoney[r.user.Plan]:
		return refusal(Monthly, nextMonth(r.at))
	case usage.Daily[kind] >= limit.Daily:
		return refusal(Daily, nextDay(r.at))
	case usage.Hourly[kind] >= limit.Hourly:
		return refusal(Hourly, r.at.Truncate(time.Hour).Add(time.Hour))
	}
	return nil
}

// held returns what the calls under way may cost.
func held(usage *tables.AIUsage) (cost int64) {
	for _, hold := range usage.Held {
		cost += hold.Cost
	}
	return cost
}

func count(usage *tables.AIUsage, kind string, by int) {
	usage.Daily, usage.Hourly = increased(usage.Daily, kind, by), increased(usage.Hourly, kind, by)
}

// giveBack undoes count for a call that began at a moment, where its day and hour are
// still counted.
func giveBack(usage *tables.AIUsage, kind string, at time.Time) {
	if usage.Day == at.Format(time.DateOnly) {
		usage.Daily = increased(usage.Daily, kind, -1)
	}
	if usage.Hour == at.Format(hourLayout) {
		usage.Hourly = increased(usage.Hourly, kind, -1)
	}
}

func increased(counts map[string]int, kind string, by int) map[string]int {
	counts = maps.Clone(counts)
	if counts == nil {
		counts = map[string]int{}
	}
	counts[kind] = max(0, counts[kind]+by)
	return counts
}
