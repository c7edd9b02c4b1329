package jobs_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

type result struct {
	Rows []string `json:"rows"`
}

// oneKey has the data key of one user.
type oneKey struct {
	user string
	key  *fieldcrypt.DataKey
}

func (k oneKey) DataKey(_ context.Context, userID string) (*fieldcrypt.DataKey, error) {
	if userID != k.user {
		return nil, accounts.ErrNotFound
	}
	return k.key, nil
}

func newJobs(t *testing.T) (*jobs.Jobs[result], string) {
	t.Helper()
	return newJobsOf(t, erasuretest.New(t, "ada"), time.Now)
}

func newJobsAt(t *testing.T, now func() time.Time) (*jobs.Jobs[result], string) {
	t.Helper()
	return newJobsOf(t, erasuretest.New(t, "ada"), now)
}

func newJobsOf(t *testing.T, users erasuretest.Accounts, now func() time.Time) (*jobs.Jobs[result], string) {
	t.Helper()
	key, err := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}).New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	name := dynamotest.Table(t, tables.Jobs)
	items := sealed.New[tables.Job](store.New[store.SealedItem](dynamotest.Client(t), name, tables.Jobs), tables.Jobs, oneKey{"ada", key})
	return jobs.New[result](items, users.Guard, "reading", now), name
}

// uploaded is the source of the jobs.
var uploaded = erasure.CausedAt(1)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAwait_JobThatFinishesLater_ReturnsItsResult(t *testing.T) {
	j, name := newJobs(t)
	go func() {
		time.Sleep(250 * time.Millisecond)
		if err := j.Finish(context.WithoutCancel(t.Context()), "ada", "f1", uploaded, result{[]string{"private row"}}); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	got, err := j.Await(ctx, "ada", "f1")
	must(t, err)
	if len(got.Rows) != 1 || got.Rows[0] != "private row" {
		t.Errorf("got %+v", got)
	}
	if stored := dynamotest.Text(t, name); strings.Contains(stored, "private") {
		t.Errorf("the result is stored in clear: %s", stored)
	}
}

func TestAwait_JobThatIsNotSettled_LeavesTimeForTheResponse(t *testing.T) {
	j, _ := newJobs(t)
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	_, err := j.Await(ctx, "ada", "f1")
	if end, _ := ctx.Deadline(); !errors.Is(err, jobs.ErrPending) || time.Until(end) < 500*time.Millisecond {
		t.Errorf("got %v with %s left", err, time.Until(end))
	}
}

func TestSettle_SecondResult_IsDropped(t *testing.T) {
	j, _ := newJobs(t)
	if settled, err := j.Settled(t.Context(), "ada", "f1"); err != nil || settled {
		t.Errorf("before: %v, %v", settled, err)
	}
	must(t, j.Fail(t.Context(), "ada", "f1", uploaded, "NO_PDF"))
	must(t, j.Finish(t.Context(), "ada", "f1", uploaded, result{}))
	_, err := j.Await(t.Context(), "ada", "f1")
	var failed *jobs.FailedError
	if !errors.As(err, &failed) || failed.Code != "NO_PDF" {
		t.Errorf("got %v", err)
	}
	if settled, err := j.Settled(t.Context(), "ada", "f1"); err != nil || !settled {
		t.Errorf("after: %v, %v", settled, err)
	}
}

// The upload is from before an erasure of the user's data.
func TestSettle_SourceErased_StoresNothing(t *testing.T) {
	users := erasuretest.New(t, "ada")
	j, name := newJobsOf(t, users, time.Now)
	users.Erase(t, "ada", time.UnixMilli(1_000_000))
	must(t, j.Finish(t.Context(), "ada", "f1", uploaded, result{[]string{"private row"}}))
	must(t, j.Fail(t.Context(), "ada", "f1", uploaded, "NO_PDF"))
	if stored := dynamotest.Text(t, name); stored != "[]" {
		t.Errorf("stored %s", stored)
	}
	must(t, j.Finish(t.Context(), "ada", "f1", erasure.CausedAt(2_000_000), result{}))
	if settled, err := j.Settled(t.Context(), "ada", "f1"); err != nil || !settled {
		t.Errorf("a later upload: %v, %v", settled, err)
	}
}

func TestJobs_OtherUserOrDeletedAccount_FindNothing(t *testing.T) {
	j, _ := newJobs(t)
	must(t, j.Finish(t.Context(), "ada", "f1", uploaded, result{}))
	if _, err := j.Await(t.Context(), "ada", "f2"); !errors.Is(err, jobs.ErrPending) {
		t.Errorf("another job: %v", err)
	}
	if err := j.Finish(t.Context(), "eve", "f1", uploaded, result{}); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("a deleted account: %v", err)
	}
}

// DynamoDB deletes an item some days after its time.
func TestGet_ExpiredJob_IsNotThere(t *testing.T) {
	at := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
	j, _ := newJobsAt(t, func() time.Time { return at })
	must(t, j.Finish(t.Context(), "ada", "f1", uploaded, result{[]string{"private row"}}))
	must(t, j.Fail(t.Context(), "ada", "f2", uploaded, "NO_PDF"))
	at = at.Add(24*time.Hour - time.Second)
	if got, err := j.Get(t.Context(), "ada", "f1"); err != nil || len(got.Rows) != 1 {
		t.Errorf("within the day: %+v, %v", got, err)
	}
	at = at.Add(time.Second)
	for _, id := range []string{"f1", "f2"} {
		if got, err := j.Get(t.Context(), "ada", id); !errors.Is(err, jobs.ErrPending) || len(got.Rows) != 0 {
			t.Errorf("%s after the day: %+v, %v", id, got, err)
		}
	}
}
