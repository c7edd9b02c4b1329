package transactionstore

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// FigureItems returns the stored figures of a user's transactions.
func FigureItems(userID string, rows []Transaction) (items []store.SealedItem, err error) {
	counted := deltas{}
	for i := range rows {
		counted.change(nil, &rows[i])
	}
	for month, one := range counted {
		item, err := attributevalue.MarshalMap(one)
		if err != nil {
			return nil, err
		}
		item["userId"], item["month"], item[versionAttribute] = text(userID), text(month), text("1")
		items = append(items, item)
	}
	return items, nil
}

// OncePerID returns the first change of each transaction.
func OncePerID(changes []Change) (first []Change) {
	seen := map[string]bool{}
	for _, change := range changes {
		if !seen[change.id] {
			seen[change.id] = true
			first = append(first, change)
		}
	}
	return first
}

// Play makes a change in memory. Gone are the imported transactions that were deleted.
func Play(change Change, stored map[string]Transaction, gone map[string]bool) {
	t, found := stored[change.id]
	switch {
	case change.create != nil:
		if !found && !gone[change.id] {
			stored[change.id] = *change.create
		}
	case !found:
	case change.edit != nil:
		edited := t.clone()
		_ = change.edit(&edited)
		stored[change.id] = edited
	default:
		delete(stored, change.id)
		gone[change.id] = t.imported()
	}
}
