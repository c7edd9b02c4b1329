package progress_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/progress"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// noon is a Wednesday in the middle of a month.
var noon = time.Date(2026, time.July, 15, 12, 0, 0, 0, time.UTC)

// claim says that an action was done so long before noon.
func claim(action string, before time.Duration) progress.Claim {
	return progress.Claim{LastActions: map[string]time.Time{action: noon.Add(-before)}, Day: "2026-07-15"}
}

func TestCredit_Action_EarnsOnce(t *testing.T) {
	for action, want := range map[string][4]int{ // total, daily, weekly, monthly
		"add-expense":     {5, 5, 0, 0},
		"add-income":      {5, 5, 0, 0},
		"check-progress":  {3, 3, 0, 0},
		"week-streak":     {25, 0, 25, 0},
		"budget-review":   {20, 0, 20, 0},
		"transaction-10":  {20, 0, 0, 20},
		"transaction-25":  {50, 0, 0, 50},
		"transaction-100": {100, 0, 0, 100},
		"transaction-250": {200, 0, 0, 200},
		"transaction-500": {300, 0, 0, 300},
		"master-saver":    {300, 0, 0, 300},
		"make-me-rich":    {},
	} {
		p := progress.New("ada", noon)
		for range 3 { // the app sends all of its state each time
			progress.Credit(p, claim(action, time.Minute), noon)
		}
		if got := [4]int{p.TotalXP, p.DailyXP, p.WeeklyXP, p.MonthlyXP}; got != want {
			t.Errorf("%s: got %v, not %v", action, got, want)
		}
		if times, kept := p.Rewards[action]; kept != (want[0] > 0) || kept && !slices.Equal(times, []int64{noon.Add(-time.Minute).UnixMilli()}) {
			t.Errorf("%s: the rewards are %v", action, p.Rewards)
		}
	}
}

func TestCredit_AfterCoolDown_EarnsAgain(t *testing.T) {
	const day = 24 * time.Hour
	for action, again := range map[string]time.Duration{
		"add-expense": 5 * time.Minute, "add-income": 5 * time.Minute, "check-progress": time.Hour,
		"week-streak": 6 * day, "budget-review": 6 * day,
	} {
		for _, try := range []struct {
			later time.Duration
			times int
		}{{again - time.Second, 1}, {again, 2}} {
			p := progress.New("ada", noon)
			first := claim(action, 0)
			progress.Credit(p, first, noon)
			once := p.TotalXP
			second := progress.Claim{LastActions: map[string]time.Time{action: noon.Add(try.later)}}
			progress.Credit(p, second, noon.Add(try.later))
			if p.TotalXP != try.times*once {
				t.Errorf("%s after %s: %d XP in all", action, try.later, p.TotalXP)
			}
		}
	}
	p := progress.New("ada", noon)
	progress.Credit(p, claim("transaction-10", 0), noon)
	years := noon.AddDate(3, 0, 0)
	progress.Credit(p, progress.Claim{LastActions: map[string]time.Time{"transaction-10": years}}, years)
	if p.TotalXP != 20 {
		t.Errorf("a milestone was reached twice: %d XP", p.TotalXP)
	}
}

// The devices of a user are not at the same state, and not always on line.
func TestCredit_AnyOrder_GivesSamePoints(t *testing.T) {
	early, late := claim("add-expense", 10*time.Minute), claim("add-expense", 0)
	for name, order := range map[string][]progress.Claim{
		"in order":             {early, late},
		"the other way round":  {late, early},
		"each again and again": {late, early, late, early, early, late},
	} {
		p := progress.New("ada", noon)
		for _, c := range order {
			progress.Credit(p, c, noon)
		}
		if p.TotalXP != 10 {
			t.Errorf("%s: %d XP for two expenses", name, p.TotalXP)
		}
	}
}

func TestCredit_OldRewards_AreRemoved(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for late, want := range map[time.Duration][2]int{ // after a reward at noon: total and times kept
		week + 4*time.Minute: {10, 2},
		week + 6*time.Minute: {15, 2},
	} {
		p := progress.New("ada", noon)
		progress.Credit(p, claim("add-expense", 0), noon)
		now := noon.Add(late)
		for _, at := range []time.Time{now, now.Add(-week)} { // the oldest time that is taken
			progress.Credit(p, progress.Claim{LastActions: map[string]time.Time{"add-expense": at}}, now)
		}
		if got := [2]int{p.TotalXP, len(p.Rewards["add-expense"])}; got != want {
			t.Errorf("%s later: %d XP, kept %v", late, got[0], p.Rewards)
		}
	}
}

// What was refused must not hold off what comes after it.
func TestCredit_RefusedClaim_KeepsCoolDown(t *testing.T) {
	p := progress.New("ada", noon)
	for _, minute := range []int{0, 3, 6} {
		at := noon.Add(time.Duration(minute) * time.Minute)
		progress.Credit(p, progress.Claim{LastActions: map[string]time.Time{"add-expense": at}}, at)
	}
	if p.TotalXP != 10 {
		t.Errorf("%d XP for entries at 0, 3 and 6 minutes", p.TotalXP)
	}
}

func TestCredit_ClaimedTime_IsWithinLastWeek(t *testing.T) {
	const day = 24 * time.Hour
	for before, want := range map[time.Duration]int64{ // the time rewarded, before noon; -1 is none
		0: 0, time.Hour: int64(time.Hour), 7 * day: int64(7 * day), 7*day + time.Second: -1, 3650 * day: -1,
		-time.Second: 0, -5 * time.Minute: 0, -5*time.Minute - time.Second: -1, -day: -1, -3650 * day: -1,
	} {
		for _, action := range []string{"add-expense", "week-streak", "transaction-500"} {
			p := progress.New("ada", noon)
			progress.Credit(p, claim(action, before), noon)
			times, rewarded := p.Rewards[action]
			if rewarded != (want >= 0) || rewarded != (p.TotalXP > 0) || rewarded && times[0] != noon.Add(-time.Duration(want)).UnixMilli() {
				t.Errorf("%s %s before now: rewarded for %v, %d XP", action, before, times, p.TotalXP)
			}
		}
	}
}

func TestCredit_Counters_OnlyRise(t *testing.T) {
	p := progress.New("ada", noon)
	progress.Credit(p, claim("transaction-500", 0), noon)
	progress.Credit(p, claim("add-expense", 0), noon)
	before := *p
	before.Rewards = maps.Clone(p.Rewards)
	for _, poor := range []progress.Claim{
		{},
		claim("add-expense", time.Minute),
		{LastActions: map[string]time.Time{"add-expense": {}}, Day: "1970-01-01"},
	} {
		progress.Credit(p, poor, noon)
	}
	if fmt.Sprint(*p) != fmt.Sprint(before) {
		t.Errorf("%+v has become %+v", before, *p)
	}
}

// A day of lies, one claim a minute with a time that is never refused.
func TestCredit_FalseClaimsForADay_EarnOneLevel(t *testing.T) {
	p := progress.New("ada", noon)
	start := time.Date(2026, time.July, 16, 0, 0, 0, 0, time.UTC)
	for minute := range 24 * 60 {
		now := start.Add(time.Duration(minute) * time.Minute)
		all := map[string]time.Time{}
		for _, action := range []string{"add-expense", "add-income", "check-progress"} {
			all[action] = now
		}
		progress.Credit(p, progress.Claim{LastActions: all, Day: now.Format(time.DateOnly)}, now)
	}
	if p.TotalXP != 100 || p.DailyXP != 100 {
		t.Errorf("earned %d XP, %d of them daily", p.TotalXP, p.DailyXP)
	}
}

func TestCredit_FalseClaimsForAYear_StayWithinRules(t *testing.T) {
	p := progress.New("ada", noon)
	actions := []string{
		"add-expense", "add-income", "check-progress", "week-streak", "budget-review",
		"transaction-10", "transaction-25", "transaction-100", "transaction-250", "transaction-500", "master-saver",
	}
	const days = 365
	for minutes := 0; minutes < days*24*60; minutes += 5 {
		now := noon.Add(time.Duration(minutes) * time.Minute)
		all := map[string]time.Time{}
		for i, action := range actions { // as early, or as late, as it is taken
			all[action] = now.Add([]time.Duration{-7 * 24 * time.Hour, 0, 5 * time.Minute}[(minutes/5+i)%3])
		}
		progress.Credit(p, progress.Claim{LastActions: all, Day: now.AddDate(0, 0, 1).Format(time.DateOnly)}, now)
	}
	for action, times := range p.Rewards {
		if len(times) > 8*20 {
			t.Errorf("%d rewards of %s are kept", len(times), action)
		}
	}
	most := (days+2)*100 + (days/6+2)*45 + 970
	if p.TotalXP > most || p.TotalXP < days*100 {
		t.Errorf("a year of lies earned %d XP, more than %d or too little for the test to mean anything", p.TotalXP, most)
	}
}

func TestCredit_NearDailyLimit_GivesTheRest(t *testing.T) {
	p := progress.New("ada", noon)
	p.DailyXP, p.TotalXP = 98, 98
	progress.Credit(p, claim("add-expense", 0), noon)
	progress.Credit(p, claim("add-income", 0), noon)
	if p.TotalXP != 100 || p.DailyXP != 100 {
		t.Errorf("got %d XP, %d of them daily", p.TotalXP, p.DailyXP)
	}
	if _, rewarded := p.Rewards["add-income"]; rewarded {
		t.Error("an action that earned nothing is rewarded")
	}
}

func TestCredit_Counters_UseUsersDay(t *testing.T) {
	for _, try := range []struct {
		day, now string // of the next claim
		want     tables.Progress
	}{
		{"2026-07-15", "2026-07-15", tables.Progress{DailyXP: 1, WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-15"}},
		{"2026-07-16", "2026-07-15", tables.Progress{WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-16"}}, // in Auckland
		{"2026-07-16", "2026-07-16", tables.Progress{WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-16"}},
		{"2026-07-18", "2026-07-18", tables.Progress{WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-18"}}, // Saturday
		{"2026-07-19", "2026-07-19", tables.Progress{MonthlyXP: 3, LastResetDate: "2026-07-19"}},              // Sunday
		{"2026-07-31", "2026-07-31", tables.Progress{MonthlyXP: 3, LastResetDate: "2026-07-31"}},
		{"2026-08-01", "2026-07-31", tables.Progress{LastResetDate: "2026-08-01"}},
		{"2027-07-15", "2027-07-15", tables.Progress{LastResetDate: "2027-07-15"}},
		{"2026-07-14", "2026-07-15", tables.Progress{DailyXP: 1, WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-15"}}, // never back
		{"2026-07-19", "2026-07-20", tables.Progress{MonthlyXP: 3, LastResetDate: "2026-07-19"}},                          // in Honolulu
		{"2026-07-17", "2026-07-15", tables.Progress{DailyXP: 1, WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-15"}}, // nowhere yet
		{"2026-07-18", "2026-07-25", tables.Progress{MonthlyXP: 3, LastResetDate: "2026-07-25"}},                          // nowhere any more
		{"2036-01-01", "2026-07-16", tables.Progress{WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-16"}},
		{"", "2026-07-16", tables.Progress{WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-16"}},
	} {
		now, err := time.Parse(time.DateOnly, try.now)
		if err != nil {
			t.Fatal(err)
		}
		p := &tables.Progress{DailyXP: 1, WeeklyXP: 2, MonthlyXP: 3, LastResetDate: "2026-07-15"}
		progress.Credit(p, progress.Claim{Day: try.day}, now.Add(12*time.Hour))
		if fmt.Sprint(*p) != fmt.Sprint(try.want) {
			t.Errorf("%s at %s: got %+v, not %+v", try.day, try.now, *p, try.want)
		}
	}
}

func TestLevel_IsHundredPoints(t *testing.T) {
	for xp, want := range map[int]int{0: 1, 99: 1, 100: 2, 199: 2, 200: 3, 1234: 13} {
		if got := progress.Level(xp); got != want {
			t.Errorf("%d XP are level %d, not %d", xp, got, want)
		}
	}
}

func TestErased_ClaimOfBeforeTheErasure_EarnsNothing(t *testing.T) {
	p := progress.Erased("ada", noon)
	later := noon.Add(time.Hour)
	progress.Credit(p, claim("add-expense", time.Second), later)
	progress.Credit(p, claim("transaction-500", time.Millisecond), later)
	if p.TotalXP != 0 || len(p.Rewards) != 0 {
		t.Errorf("the erased progress is back: %+v", p)
	}
	progress.Credit(p, claim("add-expense", -time.Minute), later)
	if p.TotalXP != 5 {
		t.Errorf("what was done after the erasure earned %d XP", p.TotalXP)
	}
}
