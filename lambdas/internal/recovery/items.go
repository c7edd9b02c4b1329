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

// empty deletes the items page by page. It always reads the first page, because the
// previous one has been deleted.
func (*Recoveries) empty(ctx context.Context, table *store.Table[store.SealedItem], query store.Query) error {
	for {
		page, err := table.Query(ctx, query)
		if err != nil || len(page.Items) == 0 {
			return err
		}
		keys := make([]store.Key, len(page.Items))
		for i, item := range page.Items {
			keys[i] = table.KeyOf(item)
		}
		if err := table.WriteAll(ctx, nil, keys); err != nil {
			return err
		}
	}
}
