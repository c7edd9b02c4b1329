package quota_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/quota"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// A quota is nothing but conditional writes, so it is tested on an engine that
// evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

var (
	monthly = quota.Monthly("imports", quota.Limits{Free: 4, Premium: 15})
	daily   = quota.Daily("tips", quota.Limits{Free: 2, Premium: 10})

	free    = quota.User{ID: "ada", Plan: tables.Free}
	premium = quota.User{ID: "ada", Plan: tables.Premium}
)

// world is the table that environments share.
type world struct {
	t     *testing.T
	table string
}

func newWorld(t *testing.T) world {
	t.Helper()
	return world{t, dynamotest.Table(t, tables.Quotas)}
}

// meter returns the meter of an environment whose clock stands at this moment.
func (w world) meter(q *quota.Quota, at string) *quota.Meter {
	return w.through(dynamotest.Client(w.t), q, at)
}

func (w world) through(client store.Client, q *quota.Quota, at string) *quota.Meter {
	now := moment(w.t, at)
	return quota.New(store.New[tables.QuotaUse](client, w.table, tables.Quotas), q, func() time.Time { return now })
}

func moment(t *testing.T, at string) time.Time {
	t.Helper()
	now, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

func take(t *testing.T, m *quota.Meter, user quota.User, subjects ...string) {
	t.Helper()
	for _, subject := range subjects {
		if _, err := m.Take(t.Context(), user, subject); err != nil {
			t.Fatalf("take for %s: %v", subject, err)
		}
	}
}

func giveBack(t *testing.T, m *quota.Meter, user quota.User, subject string) {
	t.Helper()
	if err := m.GiveBack(t.Context(), user, subject); err != nil {
		t.Fatalf("give back for %s: %v", subject, err)
	}
}

func usage(t *testing.T, m *quota.Meter, user quota.User) quota.Usage {
	t.Helper()
	got, err := m.Usage(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func uses(t *testing.T, m *quota.Meter, user quota.User, want int) {
	t.Helper()
	if got := usage(t, m, user); got.Used != want {
		t.Errorf("%d are used, want %d", got.Used, want)
	}
}

// repeating sends each write twice and returns the second response, as the SDK does
// when the first response is lost.
type repeating struct{ store.Client }

func (r repeating) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if _, err := r.Client.UpdateItem(ctx, in, options...); err != nil {
		return nil, err
	}
	return r.Client.UpdateItem(ctx, in, options...)
}

// parallel runs the work for each number at once and returns how many succeeded, and
// the errors of the others.
func parallel(count int, work func(i int) error) (succeeded int, problems []error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range count {
		all.Go(func() {
			<-begin
			err := work(i)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				succeeded++
				return
			}
			problems = append(problems, err)
		})
	}
	close(begin)
	all.Wait()
	return succeeded, problems
}
