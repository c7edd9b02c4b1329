package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Query selects items of one partition.
type Query struct {
	// Index is the index to read. Default: the table itself.
	Index *tables.Index
	// Partition is the value of the partition key. Required.
	Partition any
	// Sort is a condition on the sort key. Default: none.
	Sort expression.KeyConditionBuilder
	// Filter leaves out items after DynamoDB has read and charged them. Default:
	// none.
	Filter expression.ConditionBuilder
	// KeysOnly leaves out of the items all but their keys, which takes less to send
	// and as much to read.
	KeysOnly bool
	// Attributes are the names of the attributes to read beside the keys, which takes
	// less to send and as much to read. Default: all that the table or the index has.
	Attributes []string
	// Limit is the maximum number of items of the page. Required.
	Limit int
	// Descending sorts by the sort key in descending order, such as newest first.
	Descending bool
	// Consistency is that of the read. A global index has eventual reads only.
	// Default: Eventual.
	Consistency Consistency
	// After is the Next of the previous page. Default: the first page.
	After string
}

// Page is one page of the result of a query.
type Page[T any] struct {
	Items []T
	// Next is the cursor of the next page, empty on the last page.
	Next string
}

// A query with a filter reads minReadSize items at first, and readGrowth times as many in
// each request that follows: reading as few as the page needs would take as many requests
// as there are items that the filter leaves out. DynamoDB ends each at 1 MB.
const minReadSize, readGrowth = 100, 4

// Query returns a page of items. It returns ErrBadCursor, an *apierror.Error, for an
// After of another query.
func (t *Table[T]) Query(ctx context.Context, q Query) (Page[T], error) {
	input, scope, err := t.queryInput(q)
	if err != nil {
		return Page[T]{}, t.wrapError("query", err)
	}
	var found []SealedItem
	for size := minReadSize; ; size = min(size*readGrowth, math.MaxInt32/readGrowth) {
		// One item more than the page holds tells whether there is a next page.
		missing := min(q.Limit-len(found), math.MaxInt32-1) + 1
		if q.Filter.IsSet() {
			missing = max(missing, size)
		}
		input.Limit = aws.Int32(int32(missing))
		out, err := t.client.Query(ctx, input)
		if err != nil {
			return Page[T]{}, t.wrapError("query", cursorError(q.After, err))
		}
		for _, item := range out.Items {
			found = append(found, item)
		}
		if len(found) > q.Limit || len(out.LastEvaluatedKey) == 0 {
			return t.page(scope, found, q.Limit)
		}
		input.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// Sample returns at most limit items of one partition: first the items from a sort
// key on, and then the items before it. Readers that start at random sort keys reach
// every item, even where some items of a long queue stay.
func (t *Table[T]) Sample(ctx context.Context, partition any, from string, limit int) ([]T, error) {
	sort, start := expression.Key(t.declared.SortKey.Name), expression.Value(from)
	later, err := t.Query(ctx, Query{Partition: partition, Sort: sort.GreaterThanEqual(start), Limit: limit, Consistency: Consistent})
	if err != nil || len(later.Items) == limit {
		return later.Items, err
	}
	earlier, err := t.Query(ctx, Query{Partition: partition, Sort: sort.LessThan(start), Limit: limit - len(later.Items), Consistency: Consistent})
	return append(later.Items, earlier.Items...), err
}

// cursorError returns ErrBadCursor for a query with a cursor that DynamoDB calls
// invalid, and any other error unchanged. The cursor is then forged, or from a list
// with another range of sort keys.
func cursorError(cursor string, err error) error {
	var invalid smithy.APIError
	if cursor != "" && errors.As(err, &invalid) && invalid.ErrorCode() == "ValidationException" {
		return ErrBadCursor.Because(err)
	}
	return err
}

func (t *Table[T]) page(scope scope, found []SealedItem, limit int) (page Page[T], err error) {
	if len(found) > limit {
		found = found[:limit]
		if page.Next, err = scope.encode(found[limit-1]); err != nil {
			return Page[T]{}, t.wrapError("query", err)
		}
	}
	page.Items, err = t.decodeAll(found)
	return page, err
}

// Cursor returns the cursor of the page of an index that begins after an item, for a
// caller that uses a part of a page.
func (t *Table[T]) Cursor(index *tables.Index, after SealedItem) (string, error) {
	partition := keyFromItem(t.declared, after)[t.declared.PartitionKey.Name]
	value, ok := partition.(*types.AttributeValueMemberS)
	if !ok {
		return "", t.wrapError("query", fmt.Errorf("the item has no key %s", t.declared.PartitionKey.Name))
	}
	s, err := scopeOf(t.declared, Query{Index: index, Partition: value.Value})
	if err != nil {
		return "", t.wrapError("query", err)
	}
	return s.encode(after)
}

// projection names the keys and the attributes, each once.
func projection(keys []tables.Attribute, attributes []string) expression.ProjectionBuilder {
	var names []string
	for _, key := range keys {
		names = append(names, key.Name)
	}
	names = append(names, attributes...)
	slices.Sort(names)
	var projected expression.ProjectionBuilder
	for _, name := range slices.Compact(names) {
		projected = projected.AddNames(expression.Name(name))
	}
	return projected
}

func (t *Table[T]) queryInput(q Query) (*dynamodb.QueryInput, scope, error) {
	if q.Limit < 1 {
		return nil, scope{}, fmt.Errorf("a page has a Limit of at least 1 item, not %d", q.Limit)
	}
	if q.Index != nil && !q.Index.Local() && q.Consistency == Consistent {
		return nil, scope{}, fmt.Errorf("the global index %s has eventual reads only", q.Index.Name)
	}
	s, err := scopeOf(t.declared, q)
	if err != nil {
		return nil, s, err
	}
	key := expression.Key(s.partition.Name).Equal(expression.Value(s.value))
	if q.Sort.IsSet() {
		key = key.And(q.Sort)
	}
	builder := expression.NewBuilder().WithKeyCondition(key)
	if q.Filter.IsSet() {
		builder = builder.WithFilter(q.Filter)
	}
	if q.KeysOnly || len(q.Attributes) > 0 {
		builder = builder.WithProjection(projection(s.keys, q.Attributes))
	}
	expr, err := builder.Build()
	if err != nil {
		return nil, s, err
	}
	input := &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: expr.KeyCondition(), FilterExpression: expr.Filter(), ProjectionExpression: expr.Projection(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
		ScanIndexForward: aws.Bool(!q.Descending), ConsistentRead: aws.Bool(bool(q.Consistency)),
	}
	if q.Index != nil {
		input.IndexName = &q.Index.Name
	}
	if q.After != "" {
		input.ExclusiveStartKey, err = s.decode(q.After)
	}
	return input, s, err
}
