package recovery

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxItems is how many items of a user are read at once, which is more than a user
// can have.
const maxItems = 100

// pinsOf selects the PINs of a user, without the preferences in the same table.
func pinsOf(userID string) store.Query {
	return store.Query{
		Partition: userID, Sort: expression.Key("id").BeginsWith(tables.PINID("")), Limit: maxItems, Consistency: store.Consistent,
	}
}

// devicesOf selects the registered devices of a user.
func devicesOf(userID string) store.Query {
	return store.Query{Partition: userID, Limit: maxItems, Consistency: store.Consistent}
}

// count returns the number of items, at most maxItems.
func (*Recoveries) count(ctx context.Context, table *store.Table[store.SealedItem], query store.Query) (int, error) {
	page, err := table.Query(ctx, query)
	return len(page.Items), err
}

func deleteAll(ctx context.Context, table *store.Table[store.SealedItem], query store.Query) error {
	_, err := table.DeleteAll(ctx, query)
	return err
}
