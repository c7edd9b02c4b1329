package erasure

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// pageSize is how many items are read and deleted at once: four of DynamoDB's
// batches of 25.
const pageSize = 100

// Account are the tables that an account's deletion erases by user.
func Account() []*tables.Table {
	var found []*tables.Table
	for _, table := range tables.All() {
		if table.Erasure == tables.ErasedByUser {
			found = append(found, table)
		}
	}
	return found
}

// Content are those of Account that hold what users put into the app.
func Content() []*tables.Table {
	var found []*tables.Table
	for _, table := range Account() {
		if table.Content {
			found = append(found, table)
		}
	}
	return found
}

// Grants are the rights that erasing the tables takes.
func Grants(erased []*tables.Table) []tables.Grant {
	grants := make([]tables.Grant, len(erased))
	for i, table := range erased {
		grants[i] = table.Allow(tables.Query, tables.BatchWriteItem)
	}
	return grants
}

// Eraser erases users from some tables.
type Eraser struct {
	tables []*store.Table[store.Item]
}

// Open returns the eraser of these tables, for a function that declares Grants
// of them.
func Open(env *function.Environment, from []*tables.Table) *Eraser {
	e := &Eraser{}
	for _, table := range from {
		e.tables = append(e.tables, store.Open[store.Item](env, table))
	}
	return e
}

// Erase deletes every item of the user and returns how many there were. A table
// that fails does not keep it from the others: what is left goes when Erase is
// called again. It returns the errors of DynamoDB.
func (e *Eraser) Erase(ctx context.Context, userID string) (int, error) {
	total := 0
	var problems []error
	for _, table := range e.tables {
		deleted, err := erase(ctx, table, userID)
		total += deleted
		problems = append(problems, err)
	}
	return total, errors.Join(problems...)
}

// erase deletes a page at a time, and starts from the front again after each:
// what was read is gone.
func erase(ctx context.Context, table *store.Table[store.Item], userID string) (int, error) {
	total := 0
	for {
		page, err := table.Query(ctx, store.Query{Partition: userID, Limit: pageSize, Consistency: store.Consistent})
		if err != nil || len(page.Items) == 0 {
			return total, err
		}
		keys := make([]store.Key, len(page.Items))
		for i, item := range page.Items {
			keys[i] = table.KeyOf(item)
		}
		if err := table.WriteAll(ctx, nil, keys); err != nil {
			return total, err
		}
		total += len(keys)
	}
}
