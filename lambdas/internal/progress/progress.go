package progress

import (
	"crypto/rand"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Claim is what the app claims about its user's actions.
type Claim struct {
	// LastActions has the time of each action's last reward.
	LastActions map[string]time.Time
	// Day is the date where the user is, as YYYY-MM-DD.
	Day string
}

// New returns the progress of a user without rewards.
func New(userID string, now time.Time) *tables.Progress {
	return &tables.Progress{UserID: userID, Rewards: map[string][]int64{}, LastResetDate: string(dates.DayOf(now.UTC()))}
}

// Erased returns the progress of a user who erased their data, with nothing earned.
// Actions from before the erasure earn nothing when the app claims them again.
func Erased(userID string, at time.Time) *tables.Progress {
	p := New(userID, at)
	p.Version, p.ErasedAt = rand.Text(), at.UnixMilli()
	return p
}

// Credit adds the rewards of a claim.
func Credit(p *tables.Progress, claim Claim, now time.Time) {
	resetCounters(p, claim.Day, now)
	for _, rule := range rules {
		at, claimed := claim.LastActions[rule.action]
		if !claimed || !rule.allows(p, at, now) {
			continue
		}
		if xp := rule.points(p); xp > 0 {
			p.TotalXP += xp
			*rule.counted(p) += xp
			p.Rewards[rule.action] = append(rule.recentRewards(p, now), earlier(at, now).UnixMilli())
		}
	}
}

// allows reports whether an action at this time is rewarded.
func (r rule) allows(p *tables.Progress, at, now time.Time) bool {
	if at.Before(now.Add(-oldest)) || at.After(now.Add(ahead)) || at.Before(time.UnixMilli(p.ErasedAt)) {
		return false
	}
	return !slices.ContainsFunc(p.Rewards[r.action], func(then int64) bool {
		return r.again == 0 || earlier(at, now).Sub(time.UnixMilli(then)).Abs() < r.again
	})
}

// recentRewards returns the action's rewards that can still conflict with a later
// claim.
func (r rule) recentRewards(p *tables.Progress, now time.Time) []int64 {
	old := now.Add(-oldest - r.again).UnixMilli()
	return slices.DeleteFunc(p.Rewards[r.action], func(then int64) bool { return then < old })
}

// points returns the action's points, up to the rest of the daily limit.
func (r rule) points(p *tables.Progress) int {
	if r.counterKind == daily {
		return min(r.xp, maxDaily-p.DailyXP)
	}
	return r.xp
}

func (r rule) counted(p *tables.Progress) *int {
	switch r.counterKind {
	case daily:
		return &p.DailyXP
	case weekly:
		return &p.WeeklyXP
	default:
		return &p.MonthlyXP
	}
}

// resetCounters resets the counters for the day of a claim.
func resetCounters(p *tables.Progress, claimed string, now time.Time) {
	day := dayOf(claimed, now)
	before, err := dates.ParseDay(p.LastResetDate)
	if err == nil && !day.After(before) {
		return
	}
	p.DailyXP = 0
	if !weekOf(day).Equal(weekOf(before)) {
		p.WeeklyXP = 0
	}
	if day.Year() != before.Year() || day.Month() != before.Month() {
		p.MonthlyXP = 0
	}
	p.LastResetDate = string(dates.DayOf(day))
}

// dayOf returns the claimed day if it is the current day anywhere on Earth: clocks
// are up to 14 hours ahead of UTC and 12 behind. Otherwise it returns the day in UTC.
func dayOf(claimed string, now time.Time) time.Time {
	today := now.UTC().Truncate(24 * time.Hour)
	day, err := dates.ParseDay(claimed)
	if err != nil || day.Before(today.AddDate(0, 0, -1)) || day.After(today.AddDate(0, 0, 1)) {
		return today
	}
	return day
}

// weekOf returns the Sunday on which the week of a day begins.
func weekOf(day time.Time) time.Time { return day.AddDate(0, 0, -int(day.Weekday())) }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
