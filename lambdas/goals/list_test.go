package goals

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
)

func titled(title, target, current string) string {
	return strings.NewReplacer("Holiday", title, "1000", target, `"currentAmount":0`, `"currentAmount":`+current).Replace(holiday)
}

func TestList_ActivePausedCompleted_StandWhereTheAppLooks(t *testing.T) {
	w := newWorld(t)
	w.create("ada", titled("first", "100", "10.10"))
	paused := w.create("ada", titled("paused", "100", "20.20"))
	w.create("ada", titled("done", "50", "50"))
	w.create("eve", titled("not ada's", "7", "7"))
	_, err := w.update("ada", paused.GoalID, `{"isActive":false}`)
	testkit.Must(t, err)
	got := w.list("ada")
	if !slices.Equal(titles(got.ActiveGoals), []string{"paused", "first"}) || !slices.Equal(titles(got.CompletedGoals), []string{"done"}) {
		t.Errorf("active are %v, completed %v", titles(got.ActiveGoals), titles(got.CompletedGoals))
	}
	if got.ActiveGoals[0].IsActive || !got.ActiveGoals[1].IsActive || !got.CompletedGoals[0].IsCompleted {
		t.Errorf("the states are %+v", got)
	}
	for i, g := range got.ActiveGoals {
		if got.GoalProgress[i].GoalID != g.GoalID {
			t.Errorf("%s has the progress of %s", g.Title, got.GoalProgress[i].GoalID)
		}
	}
	if got.TotalSavedTowardsGoals.String() != "80.3" || got.TotalGoalAmount.String() != "250" || got.AverageMonthlyProgress.String() != "80.3" {
		t.Errorf("the totals are %s of %s, %s a month", got.TotalSavedTowardsGoals, got.TotalGoalAmount, got.AverageMonthlyProgress)
	}
	w.at = w.at.Add(61 * 24 * time.Hour) // 2.004 months
	if average := w.list("ada").AverageMonthlyProgress; average.String() != "40.07" {
		t.Errorf("%s a month after two", average)
	}
}

func TestList_UserWithoutGoals_HasEmptyArrays(t *testing.T) {
	w := newWorld(t)
	body, err := json.Marshal(w.list("ada"))
	testkit.Must(t, err)
	for _, array := range []string{`"activeGoals":[]`, `"completedGoals":[]`, `"goalProgress":[]`, `"recommendations":[]`} {
		if !strings.Contains(string(body), array) {
			t.Errorf("no %s in %s", array, body)
		}
	}
	w.create("ada", holiday)
	if body, err = json.Marshal(w.list("ada")); err != nil || !strings.Contains(string(body), `"milestones":[]`) {
		t.Errorf("no milestones in %s, %v", body, err)
	}
}

func TestList_StoredTexts_AreSealed(t *testing.T) {
	w := newWorld(t)
	w.create("ada", titled("SecretTitle", "5", "0"))
	if stored := dynamotest.Text(t, w.goals.Name); strings.Contains(stored, "SecretTitle") || strings.Contains(stored, "Two weeks") {
		t.Errorf("a text is stored in clear: %s", stored)
	}
	if got := w.list("ada").ActiveGoals[0]; got.Title != "SecretTitle" || got.Description != "Two weeks" {
		t.Errorf("got %+v", got)
	}
}

func TestList_UserWithoutAccount_IsNotFound(t *testing.T) {
	w := newWorld(t)
	if _, err := w.lister().List(t.Context(), caller("gone"), function.NoInput{}); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestList_GoalBehindItsDate_IsRecommended(t *testing.T) {
	w := newWorld(t)
	w.create("ada", titled("behind", "1000", "100"))
	w.create("ada", titled("on track", "1000", "900"))
	paused := w.create("ada", titled("paused", "1000", "100"))
	_, err := w.update("ada", paused.GoalID, `{"isActive":false}`)
	testkit.Must(t, err)
	if got := w.list("ada").Recommendations; len(got) != 0 {
		t.Errorf("at the beginning there is %+v", got)
	}
	w.at = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) // half of the year
	got := w.list("ada").Recommendations
	if len(got) != 1 || got[0].Title != "behind" || got[0].Type != "vacation" || got[0].SuggestedAmount.String() != "149.7" ||
		got[0].SuggestedTimeframe != 6 || got[0].Description != "Save £149.70 a month to reach this goal by its date." {
		t.Errorf("got %+v", got)
	}
	w.at = w.at.AddDate(1, 0, 0)
	if got := w.list("ada").Recommendations; len(got) != 0 {
		t.Errorf("after the date there is %+v", got)
	}
}
