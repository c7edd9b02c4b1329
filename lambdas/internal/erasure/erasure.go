package erasure

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// pageSize is how many items are read at once and then deleted in parallel. Their
// keys take a fraction of the 1 MB that DynamoDB reads for a page.
const pageSize = 1000

// Account returns the tables with items that are erased with an account.
func Account() []*tables.Table {
	var found []*tables.Table
	for _, table := range tables.All() {
		if table.Erasure == tables.ErasePartition {
			found = append(found, table)
		}
	}
	return found
}

// Content returns the tables of Account with user content.
func Content() []*tables.Table {
	var found []*tables.Table
	for _, table := range Account() {
		if table.UserContent {
			found = append(found, table)
		}
	}
	return found
}

// AccountGrants returns the permissions that Erase needs for the tables of Account.
func AccountGrants() []tables.Grant { return grants(Account(), tables.BatchWriteItem) }

// ContentGrants returns the permissions that EraseBefore needs for the tables of
// Content.
func ContentGrants() []tables.Grant { return grants(Content(), tables.DeleteItem) }

func grants(erased []*tables.Table, deletion tables.Operation) []tables.Grant {
	grants := make([]tables.Grant, len(erased))
	for i, table := range erased {
		grants[i] = table.Allow(tables.Query, deletion)
	}
	return grants
}

// Eraser erases users from a set of tables.
type Eraser struct {
	tables []*store.Table[store.SealedItem]
}

// Open returns the eraser of these tables for a function that declares the grants of
// the method that it calls.
func Open(resources *function.Resources, from []*tables.Table) *Eraser {
	opened := make([]*store.Table[store.SealedItem], len(from))
	for i, table := range from {
		opened[i] = store.Open[store.SealedItem](resources, table)
	}
	return New(opened...)
}

// New returns the eraser of these tables.
func New(from ...*store.Table[store.SealedItem]) *Eraser { return &Eraser{tables: from} }

// Erase deletes every item of the user and returns how many it deleted. When one
// table fails, Erase still erases the others, and another call erases the rest. It
// returns the errors of DynamoDB.
func (e *Eraser) Erase(ctx context.Context, userID string) (int, error) {
	all := store.Query{Partition: userID}
	return e.each(ctx, all, func(table *store.Table[store.SealedItem], keys []store.Key) (int, error) {
		err := table.WriteAll(ctx, nil, keys)
		var left *store.BatchError[store.SealedItem]
		if errors.As(err, &left) {
			return len(keys) - len(left.Keys), err
		}
		return len(keys), err
	})
}

// EraseBefore deletes the user's items that were last written before a moment.
func (e *Eraser) EraseBefore(ctx context.Context, userID string, moment time.Time) (int, error) {
	old := store.WrittenBefore(moment)
	return e.each(ctx, store.Query{Partition: userID, Filter: old}, func(table *store.Table[store.SealedItem], keys []store.Key) (int, error) {
		return table.DeleteEach(ctx, keys, old)
	})
}

// each deletes the items that the query finds in each table, page by page.
func (e *Eraser) each(ctx context.Context, q store.Query, deletePage func(*store.Table[store.SealedItem], []store.Key) (int, error)) (int, error) {
	q.Limit, q.KeysOnly, q.Consistency = pageSize, true, store.Consistent
	total := 0
	var problems []error
	for _, table := range e.tables {
		for page := q; ; {
			found, err := table.Query(ctx, page)
			keys := keysOf(table, found.Items)
			if err == nil && len(keys) > 0 {
				var deleted int
				deleted, err = deletePage(table, keys)
				total += deleted
			}
			if problems = append(problems, err); err != nil || found.Next == "" {
				break
			}
			page.After = found.Next
		}
	}
	return total, errors.Join(problems...)
}

func keysOf(table *store.Table[store.SealedItem], items []store.SealedItem) []store.Key {
	keys := make([]store.Key, len(items))
	for i, item := range items {
		keys[i] = table.KeyOf(item)
	}
	return keys
}
