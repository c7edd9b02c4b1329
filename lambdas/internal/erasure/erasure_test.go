package erasure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// one and two are tables of users' items, with sort keys of both kinds.
var (
	one = &tables.Table{
		Name: "One", UserContent: true, PartitionKey: tables.Attribute{Name: "userId", Type: tables.String}, SortKey: tables.Attribute{Name: "id", Type: tables.String},
	}
	two = &tables.Table{
		Name: "Two", UserContent: true, PartitionKey: tables.Attribute{Name: "userId", Type: tables.String}, SortKey: tables.Attribute{Name: "at", Type: tables.Number},
	}
)

type item struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	At     int    `dynamodbav:"at"`
}

func fill(t *testing.T, client store.Client, name string, declared *tables.Table, user string, count int) {
	t.Helper()
	items := make([]item, count)
	for i := range items {
		items[i] = item{UserID: user, ID: fmt.Sprint(i), At: i}
	}
	if err := store.New[item](client, name, declared).WriteAll(t.Context(), items, nil); err != nil {
		t.Fatal(err)
	}
}

func TestErase_DeletesOneUsersItemsOnly(t *testing.T) {
	client := dynamotest.Client(t)
	e := &Eraser{}
	for _, declared := range []*tables.Table{one, two} {
		name := dynamotest.Table(t, declared)
		fill(t, client, name, declared, "ada", 230)
		fill(t, client, name, declared, "eve", 3)
		e.tables = append(e.tables, store.New[store.SealedItem](client, name, declared))
	}
	if rows, err := e.Erase(t.Context(), "ada"); err != nil || rows != 460 {
		t.Errorf("erased %d, %v", rows, err)
	}
	if rows, err := e.Erase(t.Context(), "ada"); err != nil || rows != 0 {
		t.Errorf("erased again: %d, %v", rows, err)
	}
	if rows, err := e.Erase(t.Context(), "eve"); err != nil || rows != 6 {
		t.Errorf("another user had %d left, %v", rows, err)
	}
}

// eraserOf returns the eraser of new tables One and Two, with so many items of ada's
// in each.
func eraserOf(t *testing.T, client store.Client, count int) *Eraser {
	t.Helper()
	e := &Eraser{}
	for _, declared := range []*tables.Table{one, two} {
		name := dynamotest.Table(t, declared)
		fill(t, dynamotest.Client(t), name, declared, "ada", count)
		e.tables = append(e.tables, store.New[store.SealedItem](client, name, declared))
	}
	return e
}

// boundary returns a moment after everything that was written before the call, and
// before everything that is written after it.
func boundary() time.Time {
	moment := time.Now().Add(time.Millisecond)
	for time.Now().Before(moment) {
		runtime.Gosched()
	}
	return moment
}

func TestEraseBefore_ItemWrittenAfterTheBoundary_Stays(t *testing.T) {
	client := dynamotest.Client(t)
	e := eraserOf(t, client, 120)
	moment := boundary()
	for _, table := range e.tables {
		again := store.SealedItem{"userId": &types.AttributeValueMemberS{Value: "ada"}, "id": &types.AttributeValueMemberS{Value: "7"}, "at": &types.AttributeValueMemberN{Value: "7"}}
		if err := table.Put(t.Context(), again); err != nil { // the key of an item of before
			t.Fatal(err)
		}
		change := expression.Set(expression.Name("note"), expression.Value("changed"))
		key := store.Key{"ada", "8"}
		if table == e.tables[1] {
			key = store.Key{"ada", 8}
		}
		if _, err := table.Update(t.Context(), key, change); err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := e.EraseBefore(t.Context(), "ada", moment); err != nil || rows != 236 {
		t.Errorf("erased %d, %v", rows, err)
	}
	if rows, err := e.EraseBefore(t.Context(), "ada", moment); err != nil || rows != 0 {
		t.Errorf("erased again: %d, %v", rows, err)
	}
	if rows, err := e.Erase(t.Context(), "ada"); err != nil || rows != 4 {
		t.Errorf("left were %d, %v", rows, err)
	}
}

func TestEraseBefore_ItemWithoutTimeOfWriting_IsErased(t *testing.T) {
	client := dynamotest.Client(t)
	name := dynamotest.Table(t, one)
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: map[string]types.AttributeValue{
		"userId": &types.AttributeValueMemberS{Value: "ada"}, "id": &types.AttributeValueMemberS{Value: "1"},
	}}); err != nil {
		t.Fatal(err)
	}
	e := &Eraser{tables: []*store.Table[store.SealedItem]{store.New[store.SealedItem](client, name, one)}}
	if rows, err := e.EraseBefore(t.Context(), "ada", time.Now()); err != nil || rows != 1 {
		t.Errorf("erased %d, %v", rows, err)
	}
}

// rewriting writes each item again between the read and its deletion.
type rewriting struct {
	store.Client
	rewrite func()
}

func (r rewriting) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := r.Client.Query(ctx, in, options...)
	r.rewrite()
	return out, err
}

func TestEraseBefore_ItemWrittenAgainAfterItWasRead_Stays(t *testing.T) {
	client := dynamotest.Client(t)
	name := dynamotest.Table(t, one)
	fill(t, client, name, one, "ada", 3)
	moment := boundary()
	e := &Eraser{tables: []*store.Table[store.SealedItem]{
		store.New[store.SealedItem](rewriting{client, func() { fill(t, client, name, one, "ada", 2) }}, name, one),
	}}
	if rows, err := e.EraseBefore(t.Context(), "ada", moment); err != nil || rows != 1 {
		t.Errorf("erased %d, %v", rows, err)
	}
}

// gathering holds deletions until eight are under way at once.
type gathering struct {
	store.Client
	underWay atomic.Int64
	once     sync.Once
	full     chan struct{}
}

func (g *gathering) wait(ctx context.Context) {
	if g.underWay.Add(1) == 8 {
		g.once.Do(func() { close(g.full) })
	}
	select {
	case <-g.full:
	case <-ctx.Done():
	}
	g.underWay.Add(-1)
}

func (g *gathering) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	g.wait(ctx)
	return g.Client.DeleteItem(ctx, in, options...)
}

func (g *gathering) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	g.wait(ctx)
	return g.Client.BatchWriteItem(ctx, in, options...)
}

// Deletions that are sent one after the other do not end in time.
func TestErase_ManyItems_DeletesInParallel(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for name, erase := range map[string]func(*Eraser) (int, error){
		"all":    func(e *Eraser) (int, error) { return e.Erase(ctx, "ada") },
		"before": func(e *Eraser) (int, error) { return e.EraseBefore(ctx, "ada", boundary()) },
	} {
		g := &gathering{Client: dynamotest.Client(t), full: make(chan struct{})}
		if rows, err := erase(eraserOf(t, g, 300)); err != nil || rows != 600 {
			t.Errorf("%s: erased %d, %v", name, rows, err)
		}
	}
}

// broken is a table that cannot be read.
type broken struct{ store.Client }

var errBroken = errors.New("broken")

func (broken) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, errBroken
}

func TestErase_OneTableFails_ErasesTheOthers(t *testing.T) {
	client := dynamotest.Client(t)
	name := dynamotest.Table(t, one)
	fill(t, client, name, one, "ada", 2)
	e := &Eraser{tables: []*store.Table[store.SealedItem]{
		store.New[store.SealedItem](broken{client}, name, one), store.New[store.SealedItem](client, name, one),
	}}
	if rows, err := e.Erase(t.Context(), "ada"); !errors.Is(err, errBroken) || rows != 2 {
		t.Errorf("erased %d, %v", rows, err)
	}
}
