package billstore

import (
	"context"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ReadPermissions are for Read.
var ReadPermissions = sealed.Permissions(tables.Bills, tables.Query)

// maxRecords is how many records of a user are read. Each bill of a device and each
// choice is one, and a user cannot write so many.
const maxRecords = 3000

// Store reads and writes bills. It is safe for concurrent use.
type Store struct {
	records *sealed.Table[tables.BillRecord]
	items   *store.Table[store.SealedItem]
	now     func() time.Time
}

// Open returns the store for a function that declares the permissions of the methods that
// it calls.
func Open(resources *function.Resources) *Store {
	return New(sealed.Open[tables.BillRecord](resources, tables.Bills), store.Open[store.SealedItem](resources, tables.Bills), time.Now)
}

// New returns the store over this table, opened and as it is stored, with this clock.
func New(records *sealed.Table[tables.BillRecord], items *store.Table[store.SealedItem], now func() time.Time) *Store {
	return &Store{records, items, now}
}

// Today returns the calendar day of users.
func (s *Store) Today() dates.Day { return calendar.DayOf(s.now()) }

// Read returns the bills of a user as of a day. It sees every write before it. It returns
// accounts.ErrNotFound for a user without an account.
func (s *Store) Read(ctx context.Context, userID string, today dates.Day) (Bills, error) {
	records, err := s.read(ctx, userID)
	if err != nil {
		return Bills{}, err
	}
	return assemble(records, today)
}

func (s *Store) read(ctx context.Context, userID string) ([]tables.BillRecord, error) {
	page, err := s.records.Query(ctx, store.Query{Partition: userID, Limit: maxRecords})
	return page.Items, err
}

// HashIDs returns keyed hashes of the ids of a bill, each once and its own first. Ids are made
// of names, so other tables store the hashes.
func (s *Store) HashIDs(ctx context.Context, userID string, bill Bill) ([]string, error) {
	ids := []string{bill.ID}
	for _, alias := range bill.Aliases {
		if !slices.Contains(ids, alias) {
			ids = append(ids, alias)
		}
	}
	return s.records.HashEach(ctx, userID, "bill id", ids...)
}

// id returns the id of a record about a private text.
func (s *Store) id(ctx context.Context, userID, kind string, about ...string) (string, error) {
	hash, err := s.records.Hash(ctx, userID, kind, about...)
	return kind + hash, err
}

// Now returns the time of the store's clock.
func (s *Store) Now() time.Time { return s.now() }
