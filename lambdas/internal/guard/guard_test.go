package guard_test

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The guard is nothing but conditional writes, so it is tested on an engine that
// evaluates them, not on a fake that would repeat our idea of them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is what a test's guards share: two tables, and a time that tests move.
type world struct {
	db             *dynamodb.Client
	limits, tokens string
	at             atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		db:     dynamotest.Client(t),
		limits: dynamotest.Table(t, tables.RateLimits),
		tokens: dynamotest.Table(t, tables.RevokedTokens),
	}
	w.at.Store(time.Now().UnixMicro())
	return w
}

func (w *world) now() time.Time          { return time.UnixMicro(w.at.Load()) }
func (w *world) advance(d time.Duration) { w.at.Add(d.Microseconds()) }

const key = "GET /things"

func newGuard(w *world, limits ...function.Limit) *guard.Guard {
	return guard.New(w.db, w.limits, []function.Route{{Key: key, Access: function.AccessSignedIn, Limits: limits}}, w.now)
}

// caller is a new user at each call, with a token of now.
var users atomic.Int64

func caller(w *world) function.Caller {
	id := strconv.FormatInt(users.Add(1), 10)
	return function.Caller{UserID: "u" + id, TokenID: "jti" + id, SessionID: "session" + id, IssuedAt: w.now().Truncate(time.Second)}
}

func allowed(t *testing.T, g *guard.Guard, subject guard.LimitKey) bool {
	t.Helper()
	err := g.Check(t.Context(), key, subject)
	var limited *guard.LimitedError
	if err != nil && !errors.As(err, &limited) {
		t.Fatal(err)
	}
	return err == nil
}

func TestCheck_LimitUsedUp_ReturnsRetryAfter(t *testing.T) {
	w := newWorld(t)
	g, subject := newGuard(w, function.Limit{Requests: 3, Per: time.Minute}), guard.User(caller(w))
	for i := range 3 {
		if !allowed(t, g, subject) {
			t.Fatalf("request %d is refused", i+1)
		}
	}
	var limited *guard.LimitedError
	if err := g.Check(t.Context(), key, subject); !errors.As(err, &limited) || limited.RetryAfter != 20*time.Second {
		t.Fatalf("got %v", err)
	}
	w.advance(limited.RetryAfter)
	if !allowed(t, g, subject) || allowed(t, g, subject) {
		t.Error("after the wait there is not exactly one request left")
	}
}

func TestCheck_RefusedRequest_TakesNoToken(t *testing.T) {
	w := newWorld(t)
	g, subject := newGuard(w, function.Limit{Requests: 1, Per: time.Minute}, function.Limit{Requests: 10, Per: time.Hour}), guard.User(caller(w))
	allowed(t, g, subject)
	for range 20 {
		if allowed(t, g, subject) {
			t.Fatal("the limit of a minute does not hold")
		}
	}
	for i := range 9 {
		w.advance(time.Minute)
		if !allowed(t, g, subject) {
			t.Fatalf("refused requests used the hour's limit up: %d are left of 9", i)
		}
	}
}

// A counter of fixed windows would let twice the limit through here.
func TestCheck_AnyPeriod_KeepsRate(t *testing.T) {
	w := newWorld(t)
	g, subject := newGuard(w, function.Limit{Requests: 10, Per: time.Minute}), guard.User(caller(w))
	w.advance(59 * time.Second)
	through := 0
	for range 40 { // two seconds around any minute's edge
		if allowed(t, g, subject) {
			through++
		}
		w.advance(50 * time.Millisecond)
	}
	if through != 10 {
		t.Errorf("%d requests of a limit of 10 came through in two seconds", through)
	}
}

func TestCheck_LongRest_FillsOneBucket(t *testing.T) {
	w := newWorld(t)
	g, subject := newGuard(w, function.Limit{Requests: 5, Per: time.Minute}), guard.User(caller(w))
	allowed(t, g, subject)
	for _, rest := range []time.Duration{time.Minute, 61 * time.Second, time.Hour, 30 * 24 * time.Hour} {
		w.advance(rest)
		through := 0
		for range 12 {
			if allowed(t, g, subject) {
				through++
			}
		}
		if through != 5 {
			t.Errorf("after %s %d requests of a limit of 5 came through", rest, through)
		}
	}
}

func TestCheck_UsersRoutesAndIPs_AreSeparate(t *testing.T) {
	w := newWorld(t)
	one := function.Limit{Requests: 1, Per: time.Minute}
	g := guard.New(w.db, w.limits, []function.Route{{Key: "GET /a", Limits: []function.Limit{one}}, {Key: "GET /b", Limits: []function.Limit{one}}}, w.now)
	first, second := guard.User(caller(w)), guard.User(caller(w))
	for _, try := range []struct {
		route   string
		subject guard.LimitKey
	}{{"GET /a", first}, {"GET /b", first}, {"GET /a", second}, {"GET /a", guard.SourceIP("here")}, {"GET /a", guard.SourceIP("there")}} {
		if err := g.Check(t.Context(), try.route, try.subject); err != nil {
			t.Errorf("%s: %v", try.route, err)
		}
		if err := g.Check(t.Context(), try.route, try.subject); err == nil {
			t.Errorf("%s: the limit does not hold", try.route)
		}
	}
}

func TestCheck_ParallelRequests_GetExactlyTheLimit(t *testing.T) {
	const limit, requests, environments = 20, 200, 4
	w := newWorld(t)
	subject := guard.User(caller(w))
	var through atomic.Int64
	var all sync.WaitGroup
	for e := range environments {
		g := newGuard(w, function.Limit{Requests: limit, Per: time.Hour})
		for range requests / environments {
			all.Go(func() {
				// The item changes in parallel, so a client that is told to retry at once does.
				for {
					err := g.Check(context.Background(), key, subject)
					var limited *guard.LimitedError
					switch {
					case err == nil:
						through.Add(1)
						return
					case errors.As(err, &limited) && limited.RetryAfter > time.Second:
						return
					case !errors.As(err, &limited):
						t.Errorf("environment %d: %v", e, err)
						return
					}
				}
			})
		}
	}
	all.Wait()
	if through.Load() != limit {
		t.Errorf("%d of %d parallel requests came through a limit of %d", through.Load(), requests, limit)
	}
}

// rounds is a database that serves parallel requests in rounds: all requests that are left
// write at once, a second after they read. A second brings back more than a token.
type rounds struct {
	guard.DynamoDB
	w       *world
	mu      sync.Mutex
	left    int
	waiting []chan struct{}
}

func (r *rounds) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	turn := make(chan struct{})
	r.mu.Lock()
	r.waiting = append(r.waiting, turn)
	r.next()
	r.mu.Unlock()
	<-turn
	return r.DynamoDB.UpdateItem(ctx, in, o...)
}

func (r *rounds) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left--
	r.next()
}

// next begins a round when all requests that are left wait for it.
func (r *rounds) next() {
	if len(r.waiting) < r.left {
		return
	}
	r.w.advance(time.Second)
	for _, turn := range r.waiting {
		close(turn)
	}
	r.waiting = nil
}

func TestCheck_BurstOnASlowTable_IsNotRefused(t *testing.T) {
	const requests = 100
	w := newWorld(t)
	subject := guard.User(caller(w))
	db := &rounds{DynamoDB: w.db, w: w, left: requests}
	var refused atomic.Int64
	var all sync.WaitGroup
	for range requests { // each in an environment of its own
		g := guard.New(db, w.limits, []function.Route{{Key: key, Access: function.AccessSignedIn, Limits: []function.Limit{{Requests: 300, Per: time.Minute}}}}, w.now)
		all.Go(func() {
			defer db.finish()
			if err := g.Check(context.Background(), key, subject); err != nil {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if refused.Load() > 0 {
		t.Errorf("%d of %d requests were refused", refused.Load(), requests)
	}
}

// calls counts the writes that an environment makes.
type calls struct {
	guard.DynamoDB
	n int
}

func (c *calls) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	c.n++
	return c.DynamoDB.UpdateItem(ctx, in, o...)
}

func TestCheck_Request_CostsOneWrite(t *testing.T) {
	w := newWorld(t)
	counted := &calls{DynamoDB: w.db}
	routes := []function.Route{{Key: key, Limits: []function.Limit{{Requests: 100, Per: time.Minute}, {Requests: 1000, Per: time.Hour}}}}
	g, subject := guard.New(counted, w.limits, routes, w.now), guard.SourceIP("here")
	for i, want := range []int{1, 1, 1} {
		counted.n = 0
		if err := g.Check(t.Context(), key, subject); err != nil || counted.n != want {
			t.Errorf("request %d: %d writes, %v", i+1, counted.n, err)
		}
	}
	counted.n = 0
	another := guard.New(counted, w.limits, routes, w.now)
	if err := another.Check(t.Context(), key, subject); err != nil || counted.n != 2 {
		t.Errorf("an environment that had not seen the item: %d writes, %v", counted.n, err)
	}
}

// busy is a table on whose items a transaction is under way for some writes.
type busy struct {
	guard.DynamoDB
	writes int
}

func (b *busy) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if b.writes--; b.writes >= 0 {
		return nil, &types.TransactionConflictException{}
	}
	return b.DynamoDB.UpdateItem(ctx, in, o...)
}

func TestCheck_RevocationInParallel_IsRetried(t *testing.T) {
	w := newWorld(t)
	for writes, served := range map[int]bool{1: true, 2: true, 100: false} {
		g := guard.New(&busy{w.db, writes}, w.limits, []function.Route{{Key: key}}, w.now)
		if got := allowed(t, g, guard.User(caller(w))); got != served {
			t.Errorf("after %d conflicts: served is %v", writes, got)
		}
	}
}

type broken struct{}

func (broken) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, &types.ProvisionedThroughputExceededException{}
}

func TestCheck_TableThrottled_ReturnsOtherError(t *testing.T) {
	g := guard.New(broken{}, "t", []function.Route{{Key: key}}, time.Now)
	err := g.Check(t.Context(), key, guard.SourceIP("here"))
	var limited *guard.LimitedError
	if err == nil || errors.As(err, &limited) || errors.Is(err, guard.ErrRevoked) || !strings.Contains(err.Error(), "check limits") {
		t.Errorf("got %v", err)
	}
}
