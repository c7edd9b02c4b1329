package goals

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is a stage with the accounts of "ada" and "eve", and a clock that tests move.
type world struct {
	t       *testing.T
	goals   sealedtest.Table[tables.Goal]
	records *idempotency.Records
	average transactionstore.Average // of every user
	at      time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, goals: sealedtest.New[tables.Goal](t, tables.Goals, "ada", "eve"), at: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	w.records = routetest.Records(t)
	return w
}

func (w *world) now() time.Time { return w.at }

func (w *world) edit() *edit { return &edit{w.goals.Table, w.now} }

func (w *world) lister() *list { return &list{w.goals.Table, w, w.now} }

func (w *world) AverageMonth(context.Context, string, time.Time) (transactionstore.Average, error) {
	return w.average, nil
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

const holiday = `{"title":"Holiday","description":"Two weeks","targetAmount":1000,"currentAmount":0,"targetDate":"2026-12-31T00:00:00.000Z","category":"vacation"}`

// create creates a goal of the user and returns it.
func (w *world) create(user, body string) goalResponse {
	w.t.Helper()
	made, err := routetest.Once(w.t, w.records, caller(user), w.edit().Create, routetest.MustRead[createRequest](w.t, body, nil))
	testkit.Must(w.t, err)
	w.at = w.at.Add(time.Minute)
	return made.Goal
}

func (w *world) update(user, id, body string) (savedGoalResponse, error) {
	w.t.Helper()
	return w.edit().Update(w.t.Context(), caller(user), routetest.MustRead(w.t, body, func(in *updateRequest) { in.GoalID = id }))
}

func (w *world) contribute(user, id, body string) (progressResponse, error) {
	w.t.Helper()
	in := routetest.MustRead(w.t, body, func(in *contributionRequest) { in.UserID, in.GoalID = "ada", id })
	return w.edit().Contribute(w.t.Context(), caller(user), in)
}

func (w *world) list(user string) listResponse {
	w.t.Helper()
	response, err := w.lister().List(w.t.Context(), caller(user), function.NoInput{})
	testkit.Must(w.t, err)
	return response
}

func titles(goals []goalResponse) (found []string) {
	for _, g := range goals {
		found = append(found, g.Title)
	}
	return found
}
