package goals

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// totalOf returns what the contributions of a goal add up to.
func totalOf(g tables.Goal) money.Amount {
	total := g.Earlier
	for _, one := range g.Contributions {
		total = total.Add(one.Amount)
	}
	return total
}

// A model keeps what each request means; the goal must agree with it after each.
func TestContributions_RandomRequests_AddUpToTheTotal(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 19))
		goal, now := tables.Goal{TargetAmount: testkit.Pounds(t, "100")}, time.UnixMilli(1_700_000_000_000)
		want, known := money.Amount{}, map[string]bool{}
		for step := range 400 {
			amount := money.FromMinor(random.Int64N(100_000)+1, 2)
			switch id := fmt.Sprint(random.IntN(150)); random.IntN(3) {
			case 0:
				goalChange{CurrentAmount: &amount}.apply(&goal, now)
				want = amount
			case 1:
				goalChange{TargetAmount: &amount}.apply(&goal, now)
			default:
				repeated := known[id]
				if repeated && !keeps(goal, id) {
					continue // older than the last hundred
				}
				contribute(&goal, id, amount, now)
				if !repeated {
					known[id], want = true, want.Add(amount)
				}
			}
			if !goal.CurrentAmount.Equal(want) || !totalOf(goal).Equal(want) || len(goal.Contributions) > maxContributions {
				t.Fatalf("seed %d, step %d: the amount is %s, %d contributions add up to %s, want %s", seed, step, goal.CurrentAmount, len(goal.Contributions), totalOf(goal), want)
			}
		}
		if goal.Earlier.IsZero() {
			t.Errorf("seed %d: no contribution was old", seed)
		}
	}
}

func keeps(g tables.Goal, id string) bool {
	for _, one := range g.Contributions {
		if one.ID == id {
			return true
		}
	}
	return false
}

func TestContributions_EveryFormOfTheApp_IsHistory(t *testing.T) {
	w := newWorld(t)
	made := w.create("ada", titled("Holiday", "1000", "10.10"))
	_, err := w.update("ada", made.GoalID, `{"currentAmount":0.30000000000000004}`)
	testkit.Must(t, err)
	_, err = w.update("ada", made.GoalID, `{"title":"Japan"}`)
	testkit.Must(t, err)
	w.at = w.at.Add(time.Hour)
	for range 2 {
		_, err = w.contribute("ada", made.GoalID, `{"amount":5,"source":"salary","timestamp":"2026-02-01T00:00:00Z"}`)
		testkit.Must(t, err)
	}
	stored, err := w.goals.Get(t.Context(), store.Key{"ada", made.GoalID})
	testkit.Must(t, err)
	var history []string
	for _, one := range stored.Contributions {
		history = append(history, fmt.Sprint(one.Amount, " ", one.ID != "", " ", time.UnixMilli(one.At).UTC().Format(time.TimeOnly)))
	}
	if got := fmt.Sprint(history); got != "[10.1 false 00:00:00 -9.8 false 00:01:00 5 true 01:01:00]" || !totalOf(*stored).Equal(stored.CurrentAmount) {
		t.Errorf("the history of %s is %s", stored.CurrentAmount, got)
	}
}
