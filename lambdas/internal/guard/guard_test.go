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

	"github.com/aws/aws-sdk-go-v2/aws"
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
	return guard.New(w.db, w.limits, []function.Route{{Key: key, Access: function.SignedInOnly, Limits: limits}}, w.now)
}

// caller is a new user at each call, with a token of now.
var users atomic.Int64

func caller(w *world) function.Caller {
	id := strconv.FormatInt(users.Add(1), 10)
	return function.Caller{UserID: "u" + id, TokenID: "jti" + id, SessionID: "session" + id, IssuedAt: w.now().Truncate(time.Second)}
}

func allowed(t *testing.T, g *guard.Guard, subject guard.Subject) bool {
	t.Helper()
	err := g.Check(t.Context(), key, subject)
	var limited *guard.LimitedError
	if err != nil && !errors.As(err, &limited) {
		t.Fatal(err)
	}
	return err == nil
}

func TestALimitLetsThatManyThroughAndSaysWhenTheNextMayCome(t *testing.T) {
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

func TestARefusedRequestTakesNothing(t *testing.T) {
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
func TestNoMomentDoublesTheRate(t *testing.T) {
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

func TestALongRestEarnsOneFullBucketAndNoMore(t *testing.T) {
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

func TestUsersRoutesAndAddressesAreCountedApart(t *testing.T) {
	w := newWorld(t)
	one := function.Limit{Requests: 1, Per: time.Minute}
	g := guard.New(w.db, w.limits, []function.Route{{Key: "GET /a", Limits: []function.Limit{one}}, {Key: "GET /b", Limits: []function.Limit{one}}}, w.now)
	first, second := guard.User(caller(w)), guard.User(caller(w))
	for _, try := range []struct {
		route   string
		subject guard.Subject
	}{{"GET /a", first}, {"GET /b", first}, {"GET /a", second}, {"GET /a", guard.Address("192.0.2.1")}, {"GET /a", guard.Address("192.0.2.2")}} {
		if err := g.Check(t.Context(), try.route, try.subject); err != nil {
			t.Errorf("%s: %v", try.route, err)
		}
		if err := g.Check(t.Context(), try.route, try.subject); err == nil {
			t.Errorf("%s: the limit does not hold", try.route)
		}
	}
}

func TestParallelRequestsGetExactlyTheLimit(t *testing.T) {
	const limit, requests, environments = 20, 200, 4
	w := newWorld(t)
	subject := guard.User(caller(w))
	var through atomic.Int64
	var all sync.WaitGroup
	for e := range environments {
		g := newGuard(w, function.Limit{Requests: limit, Per: time.Hour})
		for range requests / environments {
			all.Go(func() {
				// The item changes under everybody; who is told to come again at once does.
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

func TestARevokedTokenIsRefusedOnEveryRoute(t *testing.T) {
	w := newWorld(t)
	revocations := guard.NewRevocations(w.db, w.limits, w.tokens, time.Hour, w.now)
	for name, revoke := range map[string]func(function.Caller) error{
		"the token":    func(u function.Caller) error { return revocations.Token(t.Context(), u, "test") },
		"its session":  func(u function.Caller) error { return revocations.Session(t.Context(), u.UserID, u.SessionID, "test") },
		"all its user": func(u function.Caller) error { return revocations.Everything(t.Context(), u.UserID, "test") },
	} {
		for _, used := range []bool{true, false} {
			u := caller(w)
			g := newGuard(w, function.Limit{Requests: 5, Per: time.Minute})
			if used && !allowed(t, g, guard.User(u)) {
				t.Fatal("a good token is refused")
			}
			if err := revoke(u); err != nil {
				t.Fatal(err)
			}
			if err := g.Check(t.Context(), key, guard.User(u)); !errors.Is(err, guard.ErrRevoked) {
				t.Errorf("%s revoked, used before %v: got %v", name, used, err)
			}
			other := u
			other.TokenID, other.SessionID, other.IssuedAt = "new", "new", w.now().Add(2*time.Second)
			if err := g.Check(t.Context(), key, guard.User(other)); err != nil {
				t.Errorf("%s revoked: a sign-in after it is refused: %v", name, err)
			}
		}
	}
}

func TestARevocationIsListedUntilItsTokensAreGone(t *testing.T) {
	w := newWorld(t)
	u := caller(w)
	if err := guard.NewRevocations(w.db, w.limits, w.tokens, time.Hour, w.now).Token(t.Context(), u, "stolen"); err != nil {
		t.Fatal(err)
	}
	out, err := w.db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(w.tokens), Key: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "token#" + u.TokenID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	expires, _ := out.Item["expiresAt"].(*types.AttributeValueMemberN)
	if expires == nil || expires.Value != strconv.FormatInt(w.now().Add(time.Hour).Unix(), 10) {
		t.Errorf("the list has %v", out.Item)
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

func TestARequestCostsOneWriteAndAWrongGuessOneMore(t *testing.T) {
	w := newWorld(t)
	counted := &calls{DynamoDB: w.db}
	routes := []function.Route{{Key: key, Limits: []function.Limit{{Requests: 100, Per: time.Minute}, {Requests: 1000, Per: time.Hour}}}}
	g, subject := guard.New(counted, w.limits, routes, w.now), guard.Address("192.0.2.9")
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

type broken struct{}

func (broken) UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return nil, &types.ProvisionedThroughputExceededException{}
}

func TestAThrottledTableIsNeitherLimitNorRevocation(t *testing.T) {
	g := guard.New(broken{}, "t", []function.Route{{Key: key}}, time.Now)
	err := g.Check(t.Context(), key, guard.Address("192.0.2.1"))
	var limited *guard.LimitedError
	if err == nil || errors.As(err, &limited) || errors.Is(err, guard.ErrRevoked) || !strings.Contains(err.Error(), "check limits") {
		t.Errorf("got %v", err)
	}
}
