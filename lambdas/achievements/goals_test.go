package achievements

import (
	"errors"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

type account struct {
	UserID string `dynamodbav:"userId"`
}

type storedGoal struct {
	UserID string `dynamodbav:"userId"`
	GoalID string `dynamodbav:"goalId"`
}

func newTable[T any](t *testing.T, declared *tables.Table) (*store.Table[T], string) {
	t.Helper()
	name := dynamotest.Table(t, declared)
	return store.New[T](dynamotest.Client(t), name, declared), name
}

// world is a stage on which "ada" has an account and the goals "g1" and "g2", and "gone"
// has goal "g1" left and no account.
type world struct {
	t        *testing.T
	service  *goalAchievements
	counters *store.Table[tables.AchievementCounters]
}

func newWorld(t *testing.T) world {
	t.Helper()
	users, name := newTable[account](t, tables.Users)
	must(t, users.Put(t.Context(), account{"ada"}))
	stored, goalsName := newTable[storedGoal](t, tables.Goals)
	must(t, stored.WriteAll(t.Context(), []storedGoal{{"ada", "g1"}, {"ada", "g2"}, {"gone", "g1"}}, nil))
	achievements, achievementsName := newTable[tables.Achievement](t, tables.Achievements)
	return world{t, &goalAchievements{
		guard:        erasure.NewGuard(dynamotest.Client(t), name),
		goals:        store.New[store.SealedItem](dynamotest.Client(t), goalsName, tables.Goals),
		achievements: achievements,
	}, store.New[tables.AchievementCounters](dynamotest.Client(t), achievementsName, tables.Achievements)}
}

// of returns the ids of a user's items, and how many goals are counted.
func (w world) of(user string) (ids []string, counted int) {
	w.t.Helper()
	page, err := w.counters.Query(w.t.Context(), store.Query{Partition: user, Limit: 10, Consistency: store.Consistent})
	must(w.t, err)
	for _, item := range page.Items {
		ids = append(ids, item.ID)
		counted += item.GoalsReached
	}
	return ids, counted
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func reached(user, goal string) goals.GoalReached {
	return goals.GoalReached{UserID: user, GoalID: goal, TargetAmount: money.FromMinor(1050, 2), CurrentAmount: money.FromMinor(1100, 2), ReachedAt: 1_700_000_000_000}
}

func TestAdd_MessagesThatComeAgainAtOnce_CountEachGoalOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			err := w.service.Add(t.Context(), reached("ada", []string{"g1", "g2"}[i%2]))
			if err != nil && !errors.Is(err, store.ErrConflict) { // the message comes again
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, goal := range []string{"g1", "g2"} {
		must(t, w.service.Add(t.Context(), reached("ada", goal)))
	}
	if ids, counted := w.of("ada"); counted != 2 || !slices.Equal(ids, []string{"counters", "goal#g1", "goal#g2"}) {
		t.Errorf("%d goals are counted: %v", counted, ids)
	}
	got, err := w.service.achievements.Get(t.Context(), store.Key{"ada", tables.GoalAchievementID("g1")}, store.Consistent)
	must(t, err)
	if got.Type != "goal_completion" || got.GoalID != "g1" || got.Amount.String() != "10.5" || got.EarnedAt != 1_700_000_000_000 {
		t.Errorf("got %+v", got)
	}
}

// A message may come weeks after the account, or the goal, was erased.
func TestAdd_AfterErasure_WritesNothing(t *testing.T) {
	w := newWorld(t)
	must(t, w.service.Add(t.Context(), reached("gone", "g1")))
	must(t, w.service.Add(t.Context(), reached("ada", "deleted")))
	for _, user := range []string{"gone", "ada"} {
		if ids, _ := w.of(user); len(ids) != 0 {
			t.Errorf("%s has %v", user, ids)
		}
	}
}

func TestAdd_MessageWithoutIDs_Fails(t *testing.T) {
	if err := newWorld(t).service.Add(t.Context(), goals.GoalReached{}); err == nil {
		t.Error("a message about no goal counts as handled")
	}
}
