package guard

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// ErrRevoked is returned for a token that is revoked: by itself, with its session, or
// with all tokens of its user.
var ErrRevoked = errors.New("the token is revoked")

// ErrNoLane is returned for a secret that Admit has not given a lane.
var ErrNoLane = errors.New("the secret has no lane")

// LimitedError is returned when a limit of the route is used up.
type LimitedError struct {
	// RetryAfter is the time until the next request may come, more than zero.
	RetryAfter time.Duration
}

// Error returns the wait until the next request may come.
func (e *LimitedError) Error() string {
	return fmt.Sprintf("the limit is used up for another %s", e.RetryAfter)
}

// itemTTL is how long an item is kept after its last request. It is longer than any
// bucket takes to fill, and longer than function.MaxAccessTokenLife.
const itemTTL = 2 * function.MaxLimitPeriod

// maxAttempts is how often the write is tried. The second try uses the item that the
// first one returned. More tries are needed only when parallel requests change the
// item in between.
const maxAttempts = 4

// DynamoDB is the part of the DynamoDB client that the guard needs.
type DynamoDB interface {
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// Guard checks the requests of one function's routes. It is safe for concurrent
// use.
type Guard struct {
	db     DynamoDB
	table  string
	now    func() time.Time
	routes map[string][]bucket
	stage  map[string][]bucket
	lanes  map[string][]bucket
	recent *recentItems
}

// New returns the guard of these routes over the RateLimits table of this name. The
// routes include the numbers of their budgets (function.Resources.Budgeted).
func New(db DynamoDB, table string, routes []function.Route, now func() time.Time) *Guard {
	g := &Guard{
		db: db, table: table, now: now, recent: newRecentItems(),
		routes: map[string][]bucket{}, stage: map[string][]bucket{}, lanes: map[string][]bucket{},
	}
	for _, route := range routes {
		ofAddress, ofStage := budgetBuckets(route.Budgets)
		g.routes[route.Key] = append(bucketsOf(route.Key, route.Limits), ofAddress...)
		g.stage[route.Key] = ofStage
		if route.Lane != nil {
			g.lanes[route.Key] = bucketsOf(route.Key, route.Lane.Limits)
		}
	}
	return g
}

// Admit gives the secret of a Holder the lane of the route. It returns the error of
// DynamoDB.
func (g *Guard) Admit(ctx context.Context, key LimitKey) error {
	_, err := g.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 aws.String(g.table),
		Key:                       map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: key.id}},
		UpdateExpression:          aws.String("SET expiresAt = :expires"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":expires": expiry(g.now().UnixMicro())},
	})
	if err != nil {
		return fmt.Errorf("admit to lane: %w", err)
	}
	return nil
}

// Check takes a token from every bucket of the route, or from none. For a Holder it
// uses the buckets of the route's lane, and for Stage the budgets of the stage. It
// returns ErrRevoked, ErrNoLane, a *LimitedError, or the error of DynamoDB.
func (g *Guard) Check(ctx context.Context, routeKey string, key LimitKey) error {
	buckets := g.routes[routeKey]
	switch {
	case key == Stage:
		buckets = g.stage[routeKey]
	case key.lane:
		buckets = g.lanes[routeKey]
	}
	spent := g.recent.get(key.id)
	// The time is the same for all attempts. The numbers only grow, so what a refused
	// attempt returned decides the next one for good, however long the writes take.
	now := g.now().UnixMicro()
	for range maxAttempts {
		out, err := g.db.UpdateItem(ctx, g.updateInput(buckets, key, spent, now))
		var refused *types.ConditionalCheckFailedException
		var conflict *types.TransactionConflictException
		switch {
		case err == nil:
			g.recent.put(key.id, spentUntil(out.Attributes))
			return nil
		case errors.As(err, &conflict): // a revocation for the user is being written
			continue
		case !errors.As(err, &refused):
			return fmt.Errorf("check limits: %w", err)
		case key.isRevoked(refused.Item):
			return ErrRevoked
		case key.lane && len(refused.Item) == 0:
			return ErrNoLane
		}
		spent = spentUntil(refused.Item)
		g.recent.put(key.id, spent)
		if wait := maxWait(buckets, spent, now); wait > 0 {
			return &LimitedError{RetryAfter: wait}
		}
	}
	// The item changes faster than it can be read, because requests come in parallel.
	return &LimitedError{RetryAfter: time.Second}
}

func maxWait(buckets []bucket, spent map[string]int64, now int64) time.Duration {
	var longest time.Duration
	for _, b := range buckets {
		spentUntil, ok := spent[b.attribute]
		longest = max(longest, b.wait(spentUntil, ok, now))
	}
	return longest
}

// expiry returns when an item expires that is written now. now is in microseconds.
func expiry(now int64) types.AttributeValue { return number(now/1e6 + int64(itemTTL.Seconds())) }

// updateInput returns the write that takes a token from every bucket.
func (g *Guard) updateInput(buckets []bucket, key LimitKey, spent map[string]int64, now int64) *dynamodb.UpdateItemInput {
	w := limitWrite{
		set:    []byte("SET expiresAt = :expires"),
		names:  map[string]string{},
		values: map[string]types.AttributeValue{":expires": expiry(now)},
	}
	for i, b := range buckets {
		spentUntil, ok := spent[b.attribute]
		w.take(i, b, b.isFull(spentUntil, ok, now), now)
	}
	if key.lane {
		w.and("attribute_exists(expiresAt)")
	}
	if key.caller != nil {
		w.refuseRevoked(key.caller)
	}
	return &dynamodb.UpdateItemInput{
		TableName:                           aws.String(g.table),
		Key:                                 map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: key.id}},
		UpdateExpression:                    aws.String(string(w.set)),
		ConditionExpression:                 w.conditionExpression(),
		ExpressionAttributeNames:            w.namesOrNil(),
		ExpressionAttributeValues:           w.values,
		ReturnValues:                        types.ReturnValueUpdatedNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}
