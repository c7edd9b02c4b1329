package guard_test

import (
	"context"
	"errors"
	"fmt"
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
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// The guard is nothing but conditional writes, so it is tested on an engine that
// evaluates them, not on a fake that would repeat our idea of them.
var db *dynamodb.Client

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	state, err := os.MkdirTemp("", "expenzez-guard-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(state)
	stage, err := local.Start(context.Background(), local.Options{StateDir: state, Progress: os.Stderr})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer stage.Stop()
	db = dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	for _, table := range []*tables.Table{tables.RateLimits, tables.RevokedTokens} {
		if _, err := db.CreateTable(context.Background(), &dynamodb.CreateTableInput{
			TableName:            aws.String(table.Name),
			BillingMode:          types.BillingModePayPerRequest,
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
			KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Now().UnixMicro())
	return c
}
func (c *clock) now() time.Time          { return time.UnixMicro(c.at.Load()) }
func (c *clock) advance(d time.Duration) { c.at.Add(d.Microseconds()) }

const key = "GET /things"

func newGuard(c *clock, limits ...function.Limit) *guard.Guard {
	return guard.New(db, tables.RateLimits.Name, []function.Route{{Key: key, Access: function.SignedInOnly, Limits: limits}}, c.now)
}

// caller is a new user at each call, with a token of now.
var users atomic.Int64

func caller(c *clock) function.Caller {
	id := strconv.FormatInt(users.Add(1), 10)
	return function.Caller{UserID: "u" + id, TokenID: "jti" + id, SessionID: "session" + id, IssuedAt: c.now().Truncate(time.Second)}
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
	c := newClock()
	g, subject := newGuard(c, function.Limit{Requests: 3, Per: time.Minute}), guard.User(caller(c))
	for i := range 3 {
		if !allowed(t, g, subject) {
			t.Fatalf("request %d is refused", i+1)
		}
	}
	var limited *guard.LimitedError
	if err := g.Check(t.Context(), key, subject); !errors.As(err, &limited) || limited.RetryAfter != 20*time.Second {
		t.Fatalf("got %v", err)
	}
	c.advance(limited.RetryAfter)
	if !allowed(t, g, subject) || allowed(t, g, subject) {
		t.Error("after the wait there is not exactly one request left")
	}
}

func TestARefusedRequestTakesNothing(t *testing.T) {
	c := newClock()
	g, subject := newGuard(c, function.Limit{Requests: 1, Per: time.Minute}, function.Limit{Requests: 10, Per: time.Hour}), guard.User(caller(c))
	allowed(t, g, subject)
	for range 20 {
		if allowed(t, g, subject) {
			t.Fatal("the limit of a minute does not hold")
		}
	}
	for i := range 9 {
		c.advance(time.Minute)
		if !allowed(t, g, subject) {
			t.Fatalf("refused requests used the hour's limit up: %d are left of 9", i)
		}
	}
}

// A counter of fixed windows would let twice the limit through here.
func TestNoMomentDoublesTheRate(t *testing.T) {
	c := newClock()
	g, subject := newGuard(c, function.Limit{Requests: 10, Per: time.Minute}), guard.User(caller(c))
	c.advance(59 * time.Second)
	through := 0
	for range 40 { // two seconds around any minute's edge
		if allowed(t, g, subject) {
			through++
		}
		c.advance(50 * time.Millisecond)
	}
	if through != 10 {
		t.Errorf("%d requests of a limit of 10 came through in two seconds", through)
	}
}

func TestALongRestEarnsOneFullBucketAndNoMore(t *testing.T) {
	c := newClock()
	g, subject := newGuard(c, function.Limit{Requests: 5, Per: time.Minute}), guard.User(caller(c))
	allowed(t, g, subject)
	for _, rest := range []time.Duration{time.Minute, 61 * time.Second, time.Hour, 30 * 24 * time.Hour} {
		c.advance(rest)
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
	c := newClock()
	one := function.Limit{Requests: 1, Per: time.Minute}
	g := guard.New(db, tables.RateLimits.Name, []function.Route{{Key: "GET /a", Limits: []function.Limit{one}}, {Key: "GET /b", Limits: []function.Limit{one}}}, c.now)
	first, second := guard.User(caller(c)), guard.User(caller(c))
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
	c := newClock()
	subject := guard.User(caller(c))
	var through atomic.Int64
	var all sync.WaitGroup
	for e := range environments {
		g := newGuard(c, function.Limit{Requests: limit, Per: time.Hour})
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
	c := newClock()
	revocations := guard.NewRevocations(db, tables.RateLimits.Name, tables.RevokedTokens.Name, time.Hour, c.now)
	for name, revoke := range map[string]func(function.Caller) error{
		"the token":    func(u function.Caller) error { return revocations.Token(t.Context(), u, "test") },
		"its session":  func(u function.Caller) error { return revocations.Session(t.Context(), u.UserID, u.SessionID, "test") },
		"all its user": func(u function.Caller) error { return revocations.Everything(t.Context(), u.UserID, "test") },
	} {
		for _, used := range []bool{true, false} {
			u := caller(c)
			g := newGuard(c, function.Limit{Requests: 5, Per: time.Minute})
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
			other.TokenID, other.SessionID, other.IssuedAt = "new", "new", c.now().Add(2*time.Second)
			if err := g.Check(t.Context(), key, guard.User(other)); err != nil {
				t.Errorf("%s revoked: a sign-in after it is refused: %v", name, err)
			}
		}
	}
}

func TestARevocationIsListedUntilItsTokensAreGone(t *testing.T) {
	c := newClock()
	u := caller(c)
	if err := guard.NewRevocations(db, tables.RateLimits.Name, tables.RevokedTokens.Name, time.Hour, c.now).Token(t.Context(), u, "stolen"); err != nil {
		t.Fatal(err)
	}
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(tables.RevokedTokens.Name), Key: map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: "token#" + u.TokenID},
	}})
	if err != nil {
		t.Fatal(err)
	}
	expires, _ := out.Item["expiresAt"].(*types.AttributeValueMemberN)
	if expires == nil || expires.Value != strconv.FormatInt(c.now().Add(time.Hour).Unix(), 10) {
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
	c := newClock()
	counted := &calls{DynamoDB: db}
	routes := []function.Route{{Key: key, Limits: []function.Limit{{Requests: 100, Per: time.Minute}, {Requests: 1000, Per: time.Hour}}}}
	g, subject := guard.New(counted, tables.RateLimits.Name, routes, c.now), guard.Address("192.0.2.9")
	for i, want := range []int{1, 1, 1} {
		counted.n = 0
		if err := g.Check(t.Context(), key, subject); err != nil || counted.n != want {
			t.Errorf("request %d: %d writes, %v", i+1, counted.n, err)
		}
	}
	counted.n = 0
	another := guard.New(counted, tables.RateLimits.Name, routes, c.now)
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
