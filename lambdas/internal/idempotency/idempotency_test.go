package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// budgets is the table that the requests write to.
var budgets = &tables.Table{Name: "Budgets", PartitionKey: tables.Attribute{Name: "id", Type: tables.String}, Class: tables.Personal}

type budget struct {
	ID     string `dynamodbav:"id" json:"id"`
	Amount int    `dynamodbav:"amount" json:"amount"`
}

// stage is what environments share: the tables, KMS, and a clock that tests
// move.
type stage struct {
	records, budgets string
	kms              *awsfake.KMS
	at               atomic.Int64
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{records: dynamotest.Table(t, tables.IdempotencyRecords), budgets: dynamotest.Table(t, budgets), kms: awsfake.NewKMS()}
	s.at.Store(1_800_000_000)
	return s
}

func (s *stage) now() time.Time          { return time.Unix(s.at.Load(), 0) }
func (s *stage) advance(d time.Duration) { s.at.Add(int64(d.Seconds())) }

// environment returns the records as a new environment has them.
func (s *stage) environment(client store.Client) *idempotency.Records {
	items := store.New[store.SealedItem](client, s.records, tables.IdempotencyRecords)
	return idempotency.New(items, fieldcrypt.NewKeys(s.kms, "key", fieldcrypt.Options{}), s.now)
}

func (s *stage) table(t *testing.T) *store.Table[budget] {
	return store.New[budget](dynamotest.Client(t), s.budgets, budgets)
}

var request = idempotency.Request{User: "ada", Route: "POST /budgets", ClientKey: "k1", Body: []byte(`{"amount":5}`)}

// service counts how often it is asked for a budget.
type service struct {
	r    *idempotency.Records
	runs atomic.Int64
}

func (s *service) do(ctx context.Context, r idempotency.Request) (budget, error) {
	return idempotency.Do(ctx, s.r, r, func(context.Context) (budget, error) {
		return budget{ID: fmt.Sprintf("b%d", s.runs.Add(1)), Amount: 5}, nil
	})
}

func (s *service) expect(t *testing.T, r idempotency.Request, id string) {
	t.Helper()
	if got, err := s.do(t.Context(), r); err != nil || got.ID != id || got.Amount != 5 {
		t.Errorf("got %+v, %v, not %s", got, err, id)
	}
}

func TestDo_RepeatedRequest_ReturnsSameResponse(t *testing.T) {
	stage := newStage(t)
	first := &service{r: stage.environment(dynamotest.Client(t))}
	for range 3 {
		first.expect(t, request, "b1")
	}
	second := &service{r: stage.environment(dynamotest.Client(t))}
	second.expect(t, request, "b1")
	if second.runs.Load() != 0 {
		t.Error("another environment did it again")
	}
}

func TestDo_DifferentRequest_Runs(t *testing.T) {
	s := &service{r: newStage(t).environment(dynamotest.Client(t))}
	s.expect(t, request, "b1")
	for i, change := range []func(*idempotency.Request){
		func(r *idempotency.Request) { r.User = "bob" },
		func(r *idempotency.Request) { r.Route = "POST /goals" },
		func(r *idempotency.Request) { r.ClientKey = "k2" },
		func(r *idempotency.Request) { r.ClientKey = "" },
		func(r *idempotency.Request) { r.ClientKey, r.Body = "", []byte(`{"amount":6}`) },
		// Moved from one part to the next.
		func(r *idempotency.Request) { r.User, r.Route = "adaP", "OST /budgets" },
	} {
		other := request
		change(&other)
		s.expect(t, other, fmt.Sprintf("b%d", i+2))
	}
}

func TestDo_KeyWithOtherBody_IsRefused(t *testing.T) {
	s := &service{r: newStage(t).environment(dynamotest.Client(t))}
	s.expect(t, request, "b1")
	other := request
	other.Body = []byte(`{"amount":500}`)
	if _, err := s.do(t.Context(), other); !errors.Is(err, idempotency.ErrKeyReused) || apierror.From(err).Status != 422 {
		t.Errorf("got %v", err)
	}
	s.expect(t, request, "b1")
}

// A replacement is done as often as it comes; two at once wait for each other.
func TestForget_RequestThatIsDone_RunsAgain(t *testing.T) {
	stage := newStage(t)
	records, runs := stage.environment(dynamotest.Client(t)), atomic.Int64{}
	replace := func() (budget, error) {
		return idempotency.Do(t.Context(), records, request, func(ctx context.Context) (budget, error) {
			idempotency.Forget(ctx)
			return budget{ID: fmt.Sprint(runs.Add(1))}, nil
		})
	}
	for i := range 3 {
		if got, err := replace(); err != nil || got.ID != fmt.Sprint(i+1) {
			t.Errorf("time %d: got %+v, %v", i+1, got, err)
		}
	}
	idempotency.Forget(t.Context()) // outside Do there is nothing to forget
}

func TestDo_WindowPassed_RunsAgain(t *testing.T) {
	derived := request
	derived.ClientKey = ""
	for name, try := range map[string]struct {
		request idempotency.Request
		window  time.Duration
	}{"client's key": {request, idempotency.ClientWindow}, "no key": {derived, idempotency.DerivedWindow}} {
		t.Run(name, func(t *testing.T) {
			stage := newStage(t)
			s := &service{r: stage.environment(dynamotest.Client(t))}
			s.expect(t, try.request, "b1")
			stage.advance(try.window - time.Second)
			s.expect(t, try.request, "b1")
			stage.advance(time.Second)
			s.expect(t, try.request, "b2")
		})
	}
}

func TestDo_ParallelRequests_RunOnce(t *testing.T) {
	stage := newStage(t)
	s := &service{r: stage.environment(dynamotest.Client(t))}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if got, err := s.do(context.Background(), request); err != nil || got.ID != "b1" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	all.Wait()
	if s.runs.Load() != 1 {
		t.Errorf("done %d times", s.runs.Load())
	}
}

// looking counts how often it is looked whether a request is free.
type looking struct {
	store.Client
	looks atomic.Int64
}

func (l *looking) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	l.looks.Add(1)
	return l.Client.PutItem(ctx, in, options...)
}

func TestDo_OtherAttemptRuns_WaitsWithinDeadline(t *testing.T) {
	stage := newStage(t)
	client := &looking{Client: dynamotest.Client(t)}
	s := &service{r: stage.environment(client)}
	_, err := idempotency.Do(t.Context(), s.r, request, func(context.Context) (budget, error) {
		// Another body under the key is refused even now.
		other := request
		other.Body = nil
		if _, err := s.do(t.Context(), other); !errors.Is(err, idempotency.ErrKeyReused) {
			t.Errorf("another body: got %v", err)
		}
		client.looks.Store(0)
		_, err := s.do(hurried{t.Context(), time.Now().Add(2 * time.Second)}, request)
		if failure := apierror.From(err); !errors.Is(err, idempotency.ErrInProgress) || failure.Status != 429 || failure.RetryAfter != time.Second {
			t.Errorf("got %v", err)
		}
		if looks := client.looks.Load(); looks > 5 { // at 0, 0.1, 0.3, 0.7 and 1.5 s
			t.Errorf("%d looks: the time to answer is used up", looks)
		}
		return budget{}, nil
	})
	if err != nil || s.runs.Load() != 0 {
		t.Errorf("done %d times more, %v", s.runs.Load(), err)
	}
}

func TestDo_RunFails_MayBeRepeatedAtOnce(t *testing.T) {
	s := &service{r: newStage(t).environment(dynamotest.Client(t))}
	refused := apierror.New(422, "BUDGET_LIMIT", "No more.")
	_, err := idempotency.Do(t.Context(), s.r, request, func(context.Context) (budget, error) { return budget{}, refused })
	if !errors.Is(err, refused) {
		t.Fatalf("got %v", err)
	}
	s.expect(t, request, "b1")
}

func TestDo_StoredResponse_IsSealed(t *testing.T) {
	stage := newStage(t)
	r := stage.environment(dynamotest.Client(t))
	if _, err := idempotency.Do(t.Context(), r, request, func(context.Context) (string, error) { return "12 St James's Square", nil }); err != nil {
		t.Fatal(err)
	}
	out, err := dynamotest.Client(t).Scan(t.Context(), &dynamodb.ScanInput{TableName: &stage.records})
	if err != nil || len(out.Items) != 1 || out.Items[0]["answer"] == nil {
		t.Fatalf("stored are %v, %v", out.Items, err)
	}
	if stored := fmt.Sprintf("%s", out.Items); strings.Contains(stored, "James") || strings.Contains(stored, "amount") {
		t.Error("the answer is stored in clear")
	}
}

func TestDo_ResponseTooLarge_IsNotStoredNorRepeated(t *testing.T) {
	r := newStage(t).environment(dynamotest.Client(t))
	runs := 0
	run := func(context.Context) (string, error) { runs++; return strings.Repeat("x", 40<<10), nil }
	if got, err := idempotency.Do(t.Context(), r, request, run); err != nil || len(got) != 40<<10 {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	if _, err := idempotency.Do(t.Context(), r, request, run); !errors.Is(err, idempotency.ErrDone) || runs != 1 {
		t.Errorf("got %v after %d runs", err, runs)
	}
}

func TestDo_InvalidClientKey_IsRefused(t *testing.T) {
	s := &service{r: idempotency.New(nil, nil, nil)}
	for _, key := range []string{strings.Repeat("k", 256), "a b", "k\n", "é"} {
		bad := request
		bad.ClientKey = key
		if _, err := s.do(t.Context(), bad); apierror.From(err).Status != 422 {
			t.Errorf("%.10q: got %v", key, err)
		}
	}
	for _, bad := range []idempotency.Request{{Route: "POST /x"}, {User: "ada"}} {
		if _, err := s.do(t.Context(), bad); err == nil || apierror.From(err).Status != 500 {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
}
