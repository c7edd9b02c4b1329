// Package sealedtest gives tests of a domain a sealed table on the engine of package
// dynamotest, with users who have data keys of their own:
//
//	goals := sealedtest.New[tables.Goal](t, tables.Goals, "ada", "eve")
package sealedtest

import (
	"context"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Table is a new, empty table. The methods of sealed.Table write and read its items.
type Table[T any] struct {
	*sealed.Table[T]
	// Name is the name of the table on the engine.
	Name string
	// Raw has the items as they are stored.
	Raw *store.Table[store.SealedItem]

	declared *tables.Table
	keys     DataKeys
}

// DataKeys are the data keys of the users that have an account.
type DataKeys map[string]*fieldcrypt.DataKey

// DataKey returns a user's data key, or accounts.ErrNotFound.
func (k DataKeys) DataKey(_ context.Context, userID string) (*fieldcrypt.DataKey, error) {
	if key, has := k[userID]; has {
		return key, nil
	}
	return nil, accounts.ErrNotFound
}

// New returns an empty table for these users; no other user has an account. The test
// binary's TestMain runs dynamotest.Run.
func New[T any](t testing.TB, declared *tables.Table, users ...string) Table[T] {
	t.Helper()
	keys, found := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{}), DataKeys{}
	for _, user := range users {
		key, err := keys.New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: user})
		if err != nil {
			t.Fatal(err)
		}
		found[user] = key
	}
	name := dynamotest.Table(t, declared)
	raw := store.New[store.SealedItem](dynamotest.Client(t), name, declared)
	return Table[T]{sealed.New[T](raw, declared, found), name, raw, declared, found}
}

// Of returns a table of items of another type, with the same stored items and users.
func Of[U, T any](table Table[T]) *sealed.Table[U] {
	return sealed.New[U](table.Raw, table.declared, table.keys)
}
