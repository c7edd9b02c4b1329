// Package transactionstoretest gives tests a transactionstore.Store on the engine of
// package dynamotest, and a DynamoDB whose requests fail:
//
//	stage := transactionstoretest.New(t)
//	results, err := stage.Store.Apply(ctx, "ada", changes)
package transactionstoretest

import (
	"context"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Gone is the one user without an account.
const Gone = "gone"

// Stage has the tables of transactions and figures, empty, for any number of users.
type Stage struct {
	*transactionstore.Store
	// Items and Figures are the tables as they are stored, under these names.
	Items, Figures         *store.Table[store.SealedItem]
	ItemsName, FiguresName string

	keys dataKey
	now  func() time.Time
}

// New returns an empty stage. The test binary's TestMain runs dynamotest.Run.
func New(t testing.TB) *Stage {
	t.Helper()
	key, err := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}).New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	s := &Stage{
		ItemsName: dynamotest.Table(t, tables.Transactions), FiguresName: dynamotest.Table(t, tables.TransactionFigures),
		keys: dataKey{key}, now: time.Now,
	}
	s.Items = store.New[store.SealedItem](dynamotest.Client(t), s.ItemsName, tables.Transactions)
	s.Figures = store.New[store.SealedItem](dynamotest.Client(t), s.FiguresName, tables.TransactionFigures)
	s.Store = s.Through(dynamotest.Client(t))
	return s
}

// Through returns a store on the same tables that reaches DynamoDB through a client.
func (s *Stage) Through(client store.Client) *transactionstore.Store {
	return transactionstore.New(store.New[store.SealedItem](client, s.ItemsName, tables.Transactions),
		store.New[store.SealedItem](client, s.FiguresName, tables.TransactionFigures), s.keys, s.now)
}

// dataKey is the data key of all users.
type dataKey struct{ key *fieldcrypt.DataKey }

func (k dataKey) DataKey(_ context.Context, userID string) (*fieldcrypt.DataKey, error) {
	if userID == Gone {
		return nil, accounts.ErrNotFound
	}
	return k.key, nil
}

// Fill stores many transactions of a user past Apply, which takes less time, and without
// figures.
func (s *Stage) Fill(ctx context.Context, userID string, rows []transactionstore.Transaction) error {
	items := make([]store.SealedItem, len(rows))
	for i := range rows {
		item, err := s.Seal(userID, s.keys.key, &rows[i])
		if err != nil {
			return err
		}
		items[i] = item
	}
	return s.Items.WriteAll(ctx, items, nil)
}
