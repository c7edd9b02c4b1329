package achievements

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// at is in November 2026 in London.
var at = time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)

// figures are months by user, the newest first.
type figures []transactionstore.Month

func (f figures) Months(context.Context, string, string, string) ([]transactionstore.Month, error) {
	return f, nil
}

// month returns a month with an income and a spending in pounds.
func month(name string, income, spend int64) transactionstore.Month {
	return transactionstore.Month{Month: name, Count: 2, Income: money.FromMinor(income, 0), Spend: money.FromMinor(spend, 0), Categories: map[string]transactionstore.Category{"food": {}}}
}

func listed(t *testing.T, months []transactionstore.Month, stored ...any) listResponse {
	t.Helper()
	achievements, name := newTable[storedAchievement](t, tables.Achievements)
	for _, item := range stored {
		must(t, store.New[any](dynamotest.Client(t), name, tables.Achievements).Put(t.Context(), item))
	}
	response, err := (&list{figures(months), achievements, func() time.Time { return at }}).List(t.Context(), function.Caller{UserID: "ada"}, function.NoInput{})
	must(t, err)
	return response
}

func ids(all []achievementResponse) (found []string) {
	for _, one := range all {
		found = append(found, one.AchievementID)
	}
	return found
}

func TestList_UserWithoutAnything_IsAtLevelOne(t *testing.T) {
	got := listed(t, nil)
	text, err := json.Marshal(got)
	must(t, err)
	want := `{"userId":"ada","progress":{"level":1,"totalPoints":0,"pointsToNextLevel":100,"achievementCount":0},"achievements":[],` +
		`"streaks":{"currentSavingsStreak":0,"longestSavingsStreak":0},"milestones":{"totalSaved":0,"goalsCompleted":0,"transactionsLogged":0,"categoriesUsed":0},` +
		`"newAchievements":[],"celebration":null,"motivationalMessage":"100 points to level 2."}`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
}

func TestList_RecordedAchievements_ArePointsAndTheRecentAreNew(t *testing.T) {
	week := 7 * 24 * time.Hour
	got := listed(t, []transactionstore.Month{month("2026-11", 0, 30)},
		tables.Achievement{UserID: "ada", ID: tables.GoalAchievementID("g1"), Type: "goal_completion", GoalID: "g1", Amount: money.FromMinor(1050, 2), EarnedAt: at.Add(-week).UnixMilli()},
		tables.Achievement{UserID: "ada", ID: tables.TransactionAchievementID(1), Type: "special", EarnedAt: at.Add(-week - 1).UnixMilli()},
		tables.Achievement{UserID: "ada", ID: tables.TransactionAchievementID(1000), Type: "special", EarnedAt: at.UnixMilli()},
		tables.Achievement{UserID: "ada", ID: "of-a-later-release", Type: "special", EarnedAt: at.UnixMilli()},
		tables.AchievementCounters{UserID: "ada", ID: tables.AchievementCountersID, GoalsReached: 3},
	)
	if want := []string{"transactions#1000", "goal#g1", "transactions#1"}; !slices.Equal(ids(got.Achievements), want) || !slices.Equal(ids(got.NewAchievements), want[:2]) {
		t.Errorf("achieved %v, new are %v", ids(got.Achievements), ids(got.NewAchievements))
	}
	if want := (progressResponse{Level: 1, TotalPoints: 85, PointsToNextLevel: 15, AchievementCount: 3}); got.Progress != want {
		t.Errorf("the progress is %+v", got.Progress)
	}
	if goal := got.Achievements[1]; goal.GoalID != "g1" || goal.Metadata.Amount.String() != "10.5" || goal.Description != "You saved £10.50 for a goal." || goal.EarnedAt != "2026-10-27T12:00:00.000Z" {
		t.Errorf("the goal is %+v", goal)
	}
	if want := (celebration{"1,000 transactions", "You have entered or imported 1,000 transactions.", 75}); got.Celebration == nil || *got.Celebration != want {
		t.Errorf("celebrated is %+v", got.Celebration)
	}
	if m := got.Milestones; m.GoalsCompleted != 3 || m.TransactionsLogged != 2 || m.CategoriesUsed != 1 || !m.TotalSaved.IsZero() {
		t.Errorf("the milestones are %+v", m)
	}
}

func TestList_StreaksAndRates_FollowFromWholeMonths(t *testing.T) {
	got := listed(t, []transactionstore.Month{
		month("2026-11", 100, 0), // not over
		month("2026-10", 100, 80),
		month("2026-09", 100, 91),
		month("2026-08", 100, 99),
		month("2026-07", 100, 100), // saved nothing
		month("2026-06", 100, 90),
		month("2026-04", 100, 90), // May has no transactions
		month("2026-03", 100, 95),
	})
	if want := (streaksResponse{CurrentSavingsStreak: 3, LongestSavingsStreak: 3}); got.Streaks != want {
		t.Errorf("the streaks are %+v", got.Streaks)
	}
	var found []string
	for _, one := range got.Achievements {
		found = append(found, fmt.Sprintf("%s %s %d %s", one.AchievementID, one.Type, one.PointsReward, one.EarnedAt))
	}
	if want := []string{
		"savings-rate#20 savings_rate 25 2026-11-01T00:00:00.000Z", // 20 of 100 in October
		"savings-streak#3 streak 10 2026-11-01T00:00:00.000Z",
		"savings-rate#10 savings_rate 10 2026-04-30T23:00:00.000Z", // April, in London
	}; !slices.Equal(found, want) {
		t.Errorf("got %q", found)
	}
	if got.Milestones.TotalSaved.String() != "155" { // 100+20+9+1+0+10+10+5
		t.Errorf("saved is %s", got.Milestones.TotalSaved)
	}
}

func TestList_StreakThatEnded_IsTheLongestOnly(t *testing.T) {
	var months []transactionstore.Month
	for m := 9; m >= 1; m-- {
		months = append(months, month(fmt.Sprintf("2026-%02d", m), 10, 9))
	}
	if got, want := listed(t, months).Streaks, (streaksResponse{0, 9}); got != want { // October has no transactions
		t.Errorf("got %+v", got)
	}
	months = append([]transactionstore.Month{month("2026-10", 9, 10)}, months...)
	got := listed(t, months)
	if want := (streaksResponse{0, 9}); got.Streaks != want || !slices.Contains(ids(got.Achievements), "savings-streak#6") || slices.Contains(ids(got.Achievements), "savings-streak#12") {
		t.Errorf("got %+v, %v", got.Streaks, ids(got.Achievements))
	}
}
