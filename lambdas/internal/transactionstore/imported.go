package transactionstore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ImportedPermissions are for Imported.
var ImportedPermissions = sealed.Permissions(tables.Transactions, tables.BatchGetItem)

// Imported is what is left of an imported row: a transaction, or the mark of a deleted
// one.
type Imported struct {
	Debit   bool
	Deleted bool
}

// ImportedIDs returns the ids of rows that are imported, from the parts of their
// identities: keyed hashes, which the user's client may know. Equal parts have equal ids.
func (s *Store) ImportedIDs(ctx context.Context, userID string, identities [][]string) ([]string, error) {
	key, err := s.keys.DataKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(identities))
	for i, parts := range identities {
		if ids[i], err = key.Hash("imported-row", parts...); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// Imported returns the rows with these ids that were imported, with those that the user
// deleted.
func (s *Store) Imported(ctx context.Context, userID string, ids ...string) (map[string]Imported, error) {
	keys := make([]store.Key, len(ids))
	for i, id := range ids {
		keys[i] = store.Key{userID, id}
	}
	items, err := s.items.GetAll(ctx, keys, store.Consistent)
	if err != nil {
		return nil, fmt.Errorf("look for imported rows: %w", err)
	}
	found := make(map[string]Imported, len(items))
	for _, item := range items {
		var stored struct {
			ID        string       `dynamodbav:"transactionId"`
			Amount    money.Amount `dynamodbav:"amount"`
			DeletedAt int64        `dynamodbav:"deletedAt"`
		}
		if err := attributevalue.UnmarshalMap(item, &stored); err != nil {
			return nil, fmt.Errorf("read an imported row: %w", err)
		}
		found[stored.ID] = Imported{Debit: stored.Amount.Sign() <= 0, Deleted: stored.DeletedAt != 0}
	}
	return found, nil
}

// MerchantHashes returns the keyed hashes by which transactions with these merchants are
// found, as MerchantHash of a transaction.
func (s *Store) MerchantHashes(ctx context.Context, userID string, merchants ...string) ([]string, error) {
	key, err := s.keys.DataKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	hashes := make([]string, len(merchants))
	for i, merchant := range merchants {
		if hashes[i], err = hashMerchant(key, merchant); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}
