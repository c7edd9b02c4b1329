package erasure

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// one and two are tables of users' items, with sort keys of both kinds.
var (
	one = &tables.Table{
		Name: "One", PartitionKey: tables.Attribute{Name: "userId", Type: tables.String}, SortKey: tables.Attribute{Name: "id", Type: tables.String},
	}
	two = &tables.Table{
		Name: "Two", PartitionKey: tables.Attribute{Name: "userId", Type: tables.String}, SortKey: tables.Attribute{Name: "at", Type: tables.Number},
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

func TestEverythingOfAUserGoesAndNothingOfAnother(t *testing.T) {
	client := dynamotest.Client(t)
	e := &Eraser{}
	for _, declared := range []*tables.Table{one, two} {
		name := dynamotest.Table(t, declared)
		fill(t, client, name, declared, "ada", 230)
		fill(t, client, name, declared, "eve", 3)
		e.tables = append(e.tables, store.New[store.Item](client, name, declared))
	}
	if rows, err := e.Erase(t.Context(), "ada"); err != nil || rows != 460 {
		t.Errorf("erased %d, %v", rows, err)
	}
	if rows, err := e.Erase(t.Context(), "ada"); err != nil || rows != 0 {
		t.Errorf("erased again: %d, %v", rows, err)
	}
	if rows, err := e.Erase(t.Context(), "eve"); err != nil || rows != 6 {
		t.Errorf("somebody else had %d left, %v", rows, err)
	}
}

// broken is a table that cannot be read.
type broken struct{ store.Client }

var errBroken = errors.New("broken")

func (broken) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, errBroken
}

func TestATableThatFailsDoesNotKeepTheOthersFromBeingErased(t *testing.T) {
	client := dynamotest.Client(t)
	name := dynamotest.Table(t, one)
	fill(t, client, name, one, "ada", 2)
	e := &Eraser{tables: []*store.Table[store.Item]{
		store.New[store.Item](broken{client}, name, one), store.New[store.Item](client, name, one),
	}}
	if rows, err := e.Erase(t.Context(), "ada"); !errors.Is(err, errBroken) || rows != 2 {
		t.Errorf("erased %d, %v", rows, err)
	}
}
