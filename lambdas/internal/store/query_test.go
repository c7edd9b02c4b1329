package store_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var (
	byName = tables.Attribute{Name: "name", Type: tables.String}
	byDue  = tables.Attribute{Name: "due", Type: tables.Number}
	names  = &tables.Index{Name: "name", PartitionKey: byName, SortKey: byDue, Projection: tables.Projection{All: true}}
	dates  = &tables.Index{Name: "date", SortKey: byDue, Projection: tables.Projection{Attributes: []string{"saved"}}}
	// indexed is goals with a global and a local index.
	indexed = &tables.Table{Name: goals.Name, PartitionKey: goals.PartitionKey, SortKey: goals.SortKey, Class: goals.Class, Indexes: []*tables.Index{names, dates}}
)

func manyGoals(t *testing.T) *store.Table[goal] {
	t.Helper()
	table := store.New[goal](dynamotest.Client(t), dynamotest.Table(t, indexed), indexed)
	var all []goal
	for i := range 30 {
		all = append(all, goal{UserID: "ada", GoalID: fmt.Sprintf("g%02d", i), Name: "same", Saved: i % 10, Due: int64(100 - i)})
	}
	must(t, table.WriteAll(t.Context(), append(all, goal{UserID: "bob", GoalID: "g00", Name: "bobs"}), nil))
	return table
}

// walk reads every page and returns the ids, and how many pages there were.
func walk(t *testing.T, table *store.Table[goal], q store.Query) (ids []string, pages int) {
	t.Helper()
	for {
		page, err := table.Query(t.Context(), q)
		must(t, err)
		if len(page.Items) > q.Limit {
			t.Fatalf("a page of %d items", len(page.Items))
		}
		for _, item := range page.Items {
			ids = append(ids, item.GoalID)
		}
		pages++
		if page.Next == "" {
			return ids, pages
		}
		q.After = page.Next
	}
}

func TestQuery_Pages_HaveEveryItemOnce(t *testing.T) {
	table := manyGoals(t)
	for name, try := range map[string]struct {
		query        store.Query
		items, pages int
		first, last  string
	}{
		"small pages":     {store.Query{Partition: "ada", Limit: 7}, 30, 5, "g00", "g29"},
		"an even number":  {store.Query{Partition: "ada", Limit: 10}, 30, 3, "g00", "g29"},
		"one page":        {store.Query{Partition: "ada", Limit: 5000}, 30, 1, "g00", "g29"},
		"newest first":    {store.Query{Partition: "ada", Limit: 7, Descending: true, Consistency: store.Consistent}, 30, 5, "g29", "g00"},
		"a range":         {store.Query{Partition: "ada", Limit: 4, Sort: expression.Key("goalId").BeginsWith("g1")}, 10, 3, "g10", "g19"},
		"a filter":        {store.Query{Partition: "ada", Limit: 2, Filter: is(3)}, 3, 2, "g03", "g23"},
		"a global index":  {store.Query{Index: names, Partition: "same", Limit: 7}, 30, 5, "g29", "g00"},
		"a local index":   {store.Query{Index: dates, Partition: "ada", Limit: 7, Consistency: store.Consistent}, 30, 5, "g29", "g00"},
		"some attributes": {store.Query{Index: names, Partition: "same", Limit: 7, Attributes: []string{"saved", "due"}}, 30, 5, "g29", "g00"},
		"nothing":         {store.Query{Partition: "eve", Limit: 7}, 0, 1, "", ""},
	} {
		ids, pages := walk(t, table, try.query)
		if len(ids) != try.items || pages != try.pages {
			t.Errorf("%s: %d items on %d pages", name, len(ids), pages)
			continue
		}
		if try.items > 0 && (ids[0] != try.first || ids[len(ids)-1] != try.last) {
			t.Errorf("%s: from %s to %s", name, ids[0], ids[len(ids)-1])
		}
		if slices.Sort(ids); len(slices.Compact(ids)) != try.items {
			t.Errorf("%s: an item comes twice", name)
		}
	}
}

// filtered is a partition with items that a filter leaves out.
type filtered struct {
	store.Client
	items, calls int
}

func (f *filtered) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	f.calls++
	out := &dynamodb.QueryOutput{}
	if f.items -= int(*in.Limit); f.items > 0 {
		out.LastEvaluatedKey = map[string]types.AttributeValue{"userId": &types.AttributeValueMemberS{Value: "ada"}}
	}
	return out, nil
}

func TestQuery_FilterLeavesOutEverything_TakesFewRequests(t *testing.T) {
	client := &filtered{items: 100_000}
	page, err := store.New[goal](client, "t", goals).Query(t.Context(), store.Query{Partition: "ada", Limit: 2, Filter: is(3)})
	if err != nil || len(page.Items) != 0 || client.calls > 6 {
		t.Errorf("got %d items after %d requests, %v", len(page.Items), client.calls, err)
	}
}

func TestQuery_ConsistentReadOfGlobalIndex_IsRefused(t *testing.T) {
	client := &asked{}
	_, err := store.New[goal](client, "t", indexed).Query(t.Context(), store.Query{Index: names, Partition: "same", Limit: 1, Consistency: store.Consistent})
	if err == nil || client.calls > 0 {
		t.Errorf("got %v after %d calls", err, client.calls)
	}
}

func TestQuery_Attributes_ReturnsKeysAndThose(t *testing.T) {
	table := manyGoals(t)
	for name, q := range map[string]store.Query{
		"table":       {Partition: "ada", Limit: 1, Attributes: []string{"due"}},
		"local index": {Index: dates, Partition: "ada", Descending: true, Limit: 1, Attributes: []string{"saved"}},
	} {
		page, err := table.Query(t.Context(), q)
		must(t, err)
		want := goal{UserID: "ada", GoalID: "g00", Due: 100}
		if got := page.Items[0]; got != want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestQuery_LocalIndex_HoldsWhatItProjects(t *testing.T) {
	table := manyGoals(t)
	page, err := table.Query(t.Context(), store.Query{Index: dates, Partition: "ada", Limit: 1, Consistency: store.Consistent})
	must(t, err)
	if got, want := page.Items[0], (goal{UserID: "ada", GoalID: "g29", Saved: 9, Due: 71}); got != want {
		t.Errorf("got %+v: an attribute that is not projected needs a read of the table", got)
	}
}

func TestQuery_NoLimit_IsRefused(t *testing.T) {
	if _, err := store.New[goal](nil, "t", goals).Query(t.Context(), store.Query{Partition: "ada"}); err == nil {
		t.Error("everything would be read")
	}
}

// asked remembers the last query and finds nothing.
type asked struct {
	store.Client
	start map[string]types.AttributeValue
	limit int32
	calls int
}

func (a *asked) Query(_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	a.start, a.limit = in.ExclusiveStartKey, *in.Limit
	a.calls++
	return &dynamodb.QueryOutput{}, nil
}

func cursorOf(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }

func TestQuery_CursorOfOtherList_IsRefused(t *testing.T) {
	adas := store.Query{Partition: "ada", Limit: 5}
	for name, try := range map[string]struct {
		cursor string
		query  store.Query
		good   bool
	}{
		"her own":                 {cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1"}}`), adas, true},
		"another user's":          {cursorOf(`{"t":"Goals","k":{"userId":"bob","goalId":"g1"}}`), adas, false},
		"another table's":         {cursorOf(`{"t":"Users","k":{"userId":"ada","goalId":"g1"}}`), adas, false},
		"an index's":              {cursorOf(`{"t":"Goals","i":"name","k":{"userId":"ada","goalId":"g1"}}`), adas, false},
		"half a key":              {cursorOf(`{"t":"Goals","k":{"userId":"ada"}}`), adas, false},
		"an empty key":            {cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":""}}`), adas, false},
		"more than a key":         {cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1","x":"y"}}`), adas, false},
		"an unknown field":        {cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1"},"x":1}`), adas, false},
		"two documents":           {cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1"}}{}`), adas, false},
		"no JSON":                 {cursorOf(`g1`), adas, false},
		"no base64url":            {`{"t":"Goals"}`, adas, false},
		"on its index":            {cursorOf(`{"t":"Goals","i":"name","k":{"name":"n","due":"5","userId":"ada","goalId":"g1"}}`), store.Query{Index: names, Partition: "n", Limit: 5}, true},
		"another index partition": {cursorOf(`{"t":"Goals","i":"name","k":{"name":"m","due":"5","userId":"ada","goalId":"g1"}}`), store.Query{Index: names, Partition: "n", Limit: 5}, false},
		"no number":               {cursorOf(`{"t":"Goals","i":"name","k":{"name":"n","due":"1e9","userId":"ada","goalId":"g1"}}`), store.Query{Index: names, Partition: "n", Limit: 5}, false},
	} {
		client := &asked{}
		try.query.After = try.cursor
		_, err := store.New[goal](client, "t", goals).Query(t.Context(), try.query)
		if try.good && (err != nil || client.start == nil) {
			t.Errorf("%s: refused: %v", name, err)
		}
		if !try.good && (!errors.Is(err, store.ErrBadCursor) || client.calls > 0) {
			t.Errorf("%s: taken: %v", name, err)
		}
	}
}

// FuzzCursor holds that no text makes a query start outside the partition, or
// with anything but a whole key.
// refusing answers every query with an error.
type refusing struct {
	store.Client
	err error
}

func (r refusing) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, r.err
}

// A cursor may name a place where its query cannot start: outside the range of
// another filter's list, or a forged one.
func TestQuery_CursorRefusedByDynamoDB_IsErrBadCursor(t *testing.T) {
	invalid := &smithy.GenericAPIError{Code: "ValidationException", Message: "The provided starting key is outside query boundaries based on provided conditions"}
	busy := &smithy.GenericAPIError{Code: "ThrottlingException"}
	hers := cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1"}}`)
	for name, try := range map[string]struct {
		err   error
		after string
		bad   bool
	}{
		"a start that cannot be": {invalid, hers, true},
		"a query that cannot be": {invalid, "", false},
		"no capacity":            {busy, hers, false},
	} {
		_, err := store.New[goal](refusing{err: try.err}, "t", goals).Query(t.Context(), store.Query{Partition: "ada", Limit: 5, After: try.after})
		if errors.Is(err, store.ErrBadCursor) != try.bad || !errors.Is(err, try.err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestQuery_LargeLimit_IsInt32(t *testing.T) {
	client := &asked{}
	if _, err := store.New[goal](client, "t", goals).Query(t.Context(), store.Query{Partition: "ada", Limit: math.MaxInt}); err != nil || client.limit != math.MaxInt32 {
		t.Errorf("asked for %d, %v", client.limit, err)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(cursorOf(`{"t":"Goals","k":{"userId":"ada","goalId":"g1"}}`))
	f.Add(cursorOf(`{"t":"Goals","k":{"userId":"bob","goalId":"g1"}}`))
	f.Add(cursorOf(`{"t":"Goals","i":"name","k":{"name":"ada","due":"-1.5","userId":"bob","goalId":"g1"}}`))
	f.Add(cursorOf(`{"T":"Goals","K":{"userId":"ada","userId":"bob","goalId":"\ud800"}}`))
	f.Fuzz(func(t *testing.T, text string) {
		for _, q := range []store.Query{{Partition: "ada", Limit: 5}, {Index: names, Partition: "ada", Limit: 5}} {
			for _, cursor := range []string{text, cursorOf(text)} {
				checkCursor(t, q, cursor)
			}
		}
	})
}

func checkCursor(t *testing.T, q store.Query, text string) {
	client := &asked{}
	q.After = text
	_, err := store.New[goal](client, "t", goals).Query(context.Background(), q)
	if text == "" && err == nil {
		return
	}
	if err != nil {
		if !errors.Is(err, store.ErrBadCursor) || client.calls > 0 {
			t.Fatalf("%q: %v after %d calls", text, err, client.calls)
		}
		return
	}
	partition, keys := "userId", 2
	if q.Index != nil {
		partition, keys = "name", 4
	}
	if at, ok := client.start[partition].(*types.AttributeValueMemberS); !ok || at.Value != "ada" || len(client.start) != keys {
		t.Fatalf("%q starts at %v", text, client.start)
	}
	if client.start["goalId"].(*types.AttributeValueMemberS).Value == "" {
		t.Fatalf("%q starts at an empty key", text)
	}
}
