package goals

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestCreate_TypeAndPriority_AreInferred(t *testing.T) {
	w := newWorld(t)
	for category, want := range map[string]string{
		"emergency fund": "emergency_fund", "Debt Payoff": "debt_payoff", " vacation ": "vacation", "retirement": "retirement",
		"major purchase": "major_purchase", "custom": "custom", "New bicycle": "custom", "": "custom",
	} {
		made := w.create("ada", strings.Replace(holiday, `"category":"vacation"`, fmt.Sprintf(`"category":%q`, category), 1))
		if made.Type != want || made.Priority != "medium" || !made.IsActive || made.IsCompleted || made.Category != category {
			t.Errorf("%q makes %+v", category, made)
		}
	}
}

func TestCreate_RepeatedRequest_MakesOneGoal(t *testing.T) {
	w := newWorld(t)
	request := idempotency.Request{User: "ada", Route: "POST /goals", Body: []byte(holiday)}
	in := routetest.MustRead[createRequest](t, holiday, nil)
	var all sync.WaitGroup
	ids := make([]string, 4)
	for i := range ids {
		all.Go(func() {
			made, err := idempotency.Do(t.Context(), w.records, request, func(ctx context.Context) (savedGoalResponse, error) {
				return w.edit().Create(ctx, caller("ada"), in)
			})
			ids[i] = made.Goal.GoalID
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.list("ada").ActiveGoals; len(got) != 1 || slices.ContainsFunc(ids, func(id string) bool { return id != got[0].GoalID }) {
		t.Errorf("the responses name %v, the list has %d", ids, len(got))
	}
}

func TestCreate_UserAtTheLimit_IsRefused(t *testing.T) {
	w := newWorld(t)
	var all []tables.Goal
	for i := range maxGoals - 1 {
		all = append(all, tables.Goal{UserID: "ada", GoalID: fmt.Sprintf("g%03d", i), TargetAmount: testkit.Pounds(t, "1")})
	}
	testkit.Must(t, w.goals.PutAll(t.Context(), "ada", all...))
	w.create("ada", holiday)
	if _, err := routetest.Once(w.t, w.records, caller("ada"), w.edit().Create, routetest.MustRead[createRequest](t, holiday, nil)); !errors.Is(err, errTooMany) {
		t.Errorf("got %v", err)
	}
	w.create("eve", holiday)
}

const legacy = `{"title":"House","description":"","type":"major_purchase","priority":"high","targetAmount":5,"targetDate":"2027-01-01T00:00:00Z","category":"x",
	"autoSaveSettings":{"enabled":true,"amount":1.5,"frequency":"weekly","roundUpEnabled":true}}`

func TestCreateForUser_LegacyForm_KeepsWhatItHas(t *testing.T) {
	w := newWorld(t)
	in := routetest.MustRead(t, legacy, func(in *createForUserRequest) { in.UserID = "ada" })
	made, err := routetest.Once(w.t, w.records, caller("ada"), w.edit().CreateForUser, in)
	testkit.Must(t, err)
	got := w.list("ada").ActiveGoals[0]
	if got.GoalID != made.GoalID || got.Type != "major_purchase" || got.Priority != "high" || got.AutoSaveSettings == nil ||
		got.AutoSaveSettings.Amount.String() != "1.5" || !got.AutoSaveSettings.RoundUpEnabled || got.AutoSaveSettings.Frequency != "weekly" {
		t.Errorf("got %+v", got)
	}
}

// A goal of another user is answered like one that does not exist.
func TestEdit_GoalOfAnotherUser_IsNotFound(t *testing.T) {
	w := newWorld(t)
	ada := w.create("ada", holiday)
	before := w.list("ada")
	ctx, e, eve := t.Context(), w.edit(), caller("eve")
	change := goalChange{Title: new(string)}
	other, none := userGoalRequest{"ada", ada.GoalID}, userGoalRequest{"eve", "none"}
	_, update := e.Update(ctx, eve, updateRequest{goalRequest{ada.GoalID}, change})
	_, updateNone := e.Update(ctx, eve, updateRequest{goalRequest{"none"}, change})
	_, updateFor := e.UpdateForUser(ctx, eve, updateForUserRequest{other, change})
	_, updateNoneFor := e.UpdateForUser(ctx, eve, updateForUserRequest{none, change})
	_, remove := e.Delete(ctx, eve, goalRequest{ada.GoalID})
	_, removeFor := e.DeleteForUser(ctx, eve, other)
	_, removeNoneFor := e.DeleteForUser(ctx, eve, none)
	_, contribute := e.Contribute(ctx, eve, contributionRequest{userGoalRequest: other, Amount: testkit.Pounds(t, "1"), Source: "x"})
	_, contributeNone := e.Contribute(ctx, eve, contributionRequest{userGoalRequest: userGoalRequest{"eve", ada.GoalID}, Amount: testkit.Pounds(t, "1"), Source: "x"})
	_, create := routetest.Once(w.t, w.records, caller("eve"), e.CreateForUser, routetest.MustRead(t, legacy, func(in *createForUserRequest) { in.UserID = "ada" }))
	for name, err := range map[string]error{
		"update": update, "update none": updateNone, "update for": updateFor, "update none for": updateNoneFor, "delete": remove,
		"delete for": removeFor, "delete none for": removeNoneFor, "contribute": contribute, "contribute none": contributeNone, "create": create,
	} {
		if !errors.Is(err, errNoGoal) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if after := w.list("ada"); fmt.Sprint(after) != fmt.Sprint(before) || len(w.list("eve").ActiveGoals) != 0 {
		t.Errorf("the goals were %+v and are %+v", before, after)
	}
}

func TestUpdate_ThreeFormsOfTheApp_ChangeTheirFields(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", holiday)
	edited, err := w.update("ada", made.GoalID, `{"title":"Japan","description":"","targetAmount":2000.5,"targetDate":"2027-05-01T12:00:00.000Z","category":"debt payoff"}`)
	testkit.Must(t, err)
	if g := edited.Goal; g.Title != "Japan" || g.Description != "" || g.TargetAmount.String() != "2000.5" || g.TargetDate != "2027-05-01T12:00:00.000Z" || g.Type != "debt_payoff" {
		t.Errorf("edited to %+v", g)
	}
	for _, total := range []string{"0.30000000000000004", "0.3"} { // absolute: the second changes nothing
		_, err = w.update("ada", made.GoalID, `{"currentAmount":`+total+`}`)
		testkit.Must(t, err)
	}
	_, err = w.update("ada", made.GoalID, `{"isActive":false}`)
	testkit.Must(t, err)
	got := w.list("ada").ActiveGoals[0]
	if got.CurrentAmount.String() != "0.3" || got.IsActive || got.Title != "Japan" || got.CreatedAt != made.CreatedAt || got.UpdatedAt == made.UpdatedAt {
		t.Errorf("got %+v", got)
	}
	_, err = w.update("ada", made.GoalID, `{"isActive":true,"category":"debt payoff","type":"retirement","priority":"low"}`)
	testkit.Must(t, err)
	if got := w.list("ada").ActiveGoals[0]; !got.IsActive || got.Type != "retirement" || got.Priority != "low" {
		t.Errorf("got %+v", got)
	}
	_, err = w.update("ada", made.GoalID, `{"category":"debt payoff"}`) // the same: the type stays
	testkit.Must(t, err)
	if got := w.list("ada").ActiveGoals[0]; got.Type != "retirement" {
		t.Errorf("the type is %s", got.Type)
	}
}

func TestUpdate_TwoDevicesAtOnce_BothKeepTheirs(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", holiday)
	var all sync.WaitGroup
	for _, body := range []string{`{"title":"Japan"}`, `{"currentAmount":12.34}`, `{"isActive":false}`, `{"priority":"high"}`} {
		all.Go(func() {
			if _, err := w.update("ada", made.GoalID, body); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := w.list("ada").ActiveGoals[0]; got.Title != "Japan" || got.CurrentAmount.String() != "12.34" || got.IsActive || got.Priority != "high" {
		t.Errorf("got %+v", got)
	}
}

func TestContribute_SameSourceAndTime_CountsOnce(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", holiday)
	body := func(amount, at string) string {
		return fmt.Sprintf(`{"amount":%s,"source":"salary","timestamp":"2026-02-0%sT00:00:00Z"}`, amount, at)
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, err := w.contribute("ada", made.GoalID, body("0.1", "1")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := w.contribute("ada", made.GoalID, body("0.2", "2"))
	testkit.Must(t, err)
	if current := w.list("ada").ActiveGoals[0].CurrentAmount; current.String() != "0.3" || got.AmountRemaining.String() != "999.7" {
		t.Errorf("saved %s, %s remain", current, got.AmountRemaining)
	}
}

func TestDelete_Goal_IsGoneOnce(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", holiday)
	_, err := w.edit().DeleteForUser(t.Context(), caller("ada"), userGoalRequest{"ada", made.GoalID})
	testkit.Must(t, err)
	if _, err := w.edit().Delete(t.Context(), caller("ada"), goalRequest{made.GoalID}); !errors.Is(err, errNoGoal) {
		t.Errorf("the second time: %v", err)
	}
	if got := w.list("ada").ActiveGoals; len(got) != 0 {
		t.Errorf("left is %+v", got)
	}
}

func TestReachedAt_AmountReachesTarget_IsSetOnceAndStays(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", holiday)
	reachedAt := func() int64 {
		t.Helper()
		g, err := w.goals.Get(t.Context(), store.Key{"ada", made.GoalID})
		testkit.Must(t, err)
		return g.ReachedAt
	}
	_, err := w.update("ada", made.GoalID, `{"currentAmount":999.99}`)
	testkit.Must(t, err)
	if reachedAt() != 0 {
		t.Error("reached a penny early")
	}
	first := w.at.UnixMilli()
	for _, amount := range []string{"1000", "10", "1200"} {
		_, err := w.update("ada", made.GoalID, `{"currentAmount":`+amount+`}`)
		testkit.Must(t, err)
		w.at = w.at.AddDate(0, 0, 1)
		if reachedAt() != first {
			t.Errorf("at %s it was reached at %d, not %d", amount, reachedAt(), first)
		}
	}
}

func TestRequests_Edges_AreTakenOrRefused(t *testing.T) {
	long := strings.Repeat("x", 101)
	for change, taken := range map[string]bool{
		`{"targetAmount":0.01}`: true, `{"targetAmount":0}`: false, `{"targetAmount":-1}`: false, `{"targetAmount":0.004}`: false,
		`{"targetAmount":1000000000}`: true, `{"targetAmount":1000000000.01}`: false, `{"targetAmount":"5"}`: false, `{"targetAmount":null}`: true,
		`{"currentAmount":0}`: true, `{"currentAmount":-0.01}`: false, `{"currentAmount":0.30000000000000004}`: true, `{"currentAmount":1e400}`: false,
		`{"targetDate":"2026-02-28T00:00:00.000Z"}`: true, `{"targetDate":"2026-02-29T00:00:00Z"}`: false, `{"targetDate":"2026-02-28"}`: false, `{"targetDate":""}`: false,
		`{"title":"x"}`: true, `{"title":""}`: false, `{"title":"` + long + `"}`: false, `{"title":"` + long[1:] + `"}`: true, `{"description":""}`: true,
		`{"type":"car"}`: false, `{"priority":"urgent"}`: false, `{"autoSaveSettings":{"enabled":true}}`: false, `{}`: true,
	} {
		if _, err := routetest.Read(change, func(in *updateRequest) { in.GoalID = "g" }); (err == nil) != taken {
			t.Errorf("%s: got %v", change, err)
		}
	}
	for _, amount := range []string{"0", "-5", "0.001", "1000000001"} {
		if _, err := routetest.Read[createRequest](strings.Replace(holiday, "1000", amount, 1), nil); err == nil {
			t.Errorf("a goal of %s is taken", amount)
		}
		body := `{"amount":` + amount + `,"source":"x","timestamp":"2026-01-01T00:00:00Z"}`
		if _, err := routetest.Read(body, func(in *contributionRequest) { in.userGoalRequest = userGoalRequest{"u", "g"} }); err == nil {
			t.Errorf("a contribution of %s is taken", amount)
		}
	}
	if _, err := routetest.Read(`{}`, func(in *updateRequest) { in.GoalID = strings.Repeat("g", 65) }); err == nil {
		t.Error("an id of any length is taken")
	}
}

func TestCreate_OutsideOfAnIdempotentRoute_StoresNothing(t *testing.T) {
	w := newWorld(t)
	if _, err := w.edit().Create(t.Context(), function.Caller{UserID: "ada"}, routetest.MustRead[createRequest](t, holiday, nil)); err == nil {
		t.Error("a creation that could be repeated is taken")
	}
	if got := w.list("ada").ActiveGoals; len(got) != 0 {
		t.Errorf("stored %+v", got)
	}
}
