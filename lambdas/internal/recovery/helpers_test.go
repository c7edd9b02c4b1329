package recovery_test

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var yes = &types.AttributeValueMemberBOOL{Value: true}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func set(values ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: values} }

func table[T any](w *world, declared *tables.Table) *store.Table[T] {
	return store.New[T](dynamotest.Client(w.t), w.names[declared], declared)
}

func put[T any](w *world, declared *tables.Table, item T) {
	w.t.Helper()
	if err := table[T](w, declared).Put(w.t.Context(), item); err != nil {
		w.t.Fatal(err)
	}
}

// count returns how many items of a user the table has.
func count(w *world, declared *tables.Table, userID string) int {
	w.t.Helper()
	page, err := table[store.SealedItem](w, declared).Query(w.t.Context(), store.Query{Partition: userID, Limit: 100, Consistency: store.Consistent})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(page.Items)
}
