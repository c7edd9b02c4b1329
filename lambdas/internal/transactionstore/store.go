package transactionstore

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// What the methods of Store need. A function declares the And of those that it uses.
var (
	// ListPermissions are for List.
	ListPermissions = function.Permissions{
		Tables: []tables.Grant{tables.Transactions.AllowQuery(tables.TransactionsByDay)},
	}.And(sealed.DataKeyPermissions)
	// GetPermissions are for Get.
	GetPermissions = sealed.Permissions(tables.Transactions, tables.GetItem)
	// GetAllPermissions are for GetAll.
	GetAllPermissions = sealed.Permissions(tables.Transactions, tables.BatchGetItem)
	// MerchantHashPermissions are for WithMerchantHash.
	MerchantHashPermissions = function.Permissions{
		Tables: []tables.Grant{tables.Transactions.AllowQuery(tables.TransactionsByMerchant)},
	}
	// MerchantPermissions are for WithMerchant and GetAll.
	MerchantPermissions = MerchantHashPermissions.And(GetAllPermissions)
	// MonthsPermissions are for Months.
	MonthsPermissions = function.Permissions{Tables: []tables.Grant{tables.TransactionFigures.Allow(tables.Query)}}
	// CreatePermissions are for Apply with Create only.
	CreatePermissions = sealed.Permissions(tables.Transactions, tables.PutItem).And(figuresPermissions)
	// EditPermissions are for Apply with Edit only.
	EditPermissions = sealed.Permissions(tables.Transactions, tables.BatchGetItem, tables.UpdateItem).And(figuresPermissions)
	// DeletePermissions are for Apply with Delete only. An imported transaction is
	// replaced by an item without content.
	DeletePermissions = sealed.Permissions(tables.Transactions, tables.BatchGetItem, tables.PutItem, tables.DeleteItem).And(figuresPermissions)
	// RepairPermissions are for Repair. It needs no data key.
	RepairPermissions = function.Permissions{Tables: []tables.Grant{
		tables.Transactions.AllowQuery(tables.TransactionsByDay),
		tables.TransactionFigures.Allow(tables.Query, tables.GetItem, tables.PutItem, tables.DeleteItem),
	}}

	figuresPermissions = function.Permissions{Tables: []tables.Grant{tables.TransactionFigures.Allow(tables.UpdateItem)}}
)

// Store reads and writes transactions and their figures. It is safe for concurrent use.
type Store struct {
	items     *store.Table[store.SealedItem]
	figures   *store.Table[store.SealedItem]
	schema    *fieldcrypt.Schema[tables.Transaction]
	keys      sealed.DataKeys
	now       func() time.Time
	condition []store.Write // of each transaction
}

// Open returns the store for a function that calls Apply, and declares the permissions of
// the methods that it calls.
func Open(resources *function.Resources) *Store {
	shared := function.Shared(resources, func() *accounts.Accounts { return accounts.Open(resources) })
	return New(store.Open[store.SealedItem](resources, tables.Transactions), store.Open[store.SealedItem](resources, tables.TransactionFigures), shared, time.Now)
}

// OpenToRead returns the store for a function that calls neither Apply nor Months, and
// declares the permissions of the methods that it calls.
func OpenToRead(resources *function.Resources) *Store {
	shared := function.Shared(resources, func() *accounts.Accounts { return accounts.Open(resources) })
	return New(store.Open[store.SealedItem](resources, tables.Transactions), nil, shared, time.Now)
}

// OpenFigures returns the store for a function that calls Months only, and so declares
// MonthsPermissions.
func OpenFigures(resources *function.Resources) *Store {
	return New(nil, store.Open[store.SealedItem](resources, tables.TransactionFigures), nil, time.Now)
}

// OpenWithoutKey returns the store for a function that reads no text: it calls Repair, or
// Months and SpendByDay, and declares their permissions.
func OpenWithoutKey(resources *function.Resources) *Store {
	return New(store.Open[store.SealedItem](resources, tables.Transactions), store.Open[store.SealedItem](resources, tables.TransactionFigures), nil, time.Now)
}

// New returns the store over these tables, with these data keys and this clock.
func New(items, figures *store.Table[store.SealedItem], keys sealed.DataKeys, now func() time.Time) *Store {
	return &Store{items: items, figures: figures, schema: fieldcrypt.NewSchema[tables.Transaction](tables.Transactions), keys: keys, now: now}
}

// Only returns the store with conditions of each of its transactions, such as the check
// of package erasure that a consumer of messages makes.
func (s *Store) Only(conditions ...store.Write) *Store {
	other := *s
	other.condition = conditions
	return &other
}

// open returns a stored item as a transaction.
func (s *Store) open(key *fieldcrypt.DataKey, item store.SealedItem) (*Transaction, error) {
	stored, err := s.schema.Unmarshal(key, item)
	if err != nil {
		return nil, err
	}
	t := &Transaction{Transaction: stored}
	if stored.Texts == "" {
		return t, nil
	}
	if err := json.Unmarshal([]byte(stored.Texts), &t.Text); err != nil {
		return nil, fmt.Errorf("the texts of transaction %s are no JSON", stored.TransactionID)
	}
	return t, nil
}

// complete fills in the fields that follow from others.
func (s *Store) complete(key *fieldcrypt.DataKey, userID string, t *Transaction) error {
	t.UserID, t.UpdatedAt = userID, s.now().UnixMilli()
	if t.CreatedAt == 0 {
		t.CreatedAt = t.UpdatedAt
	}
	if err := t.check(); err != nil {
		return err
	}
	t.Position = position(t)
	if t.Refused() {
		t.TransferID = ""
	}
	t.Excluded = t.TransferID != "" || suggestsExclusion(t)
	if t.ExcludeChoice != nil {
		t.Excluded = *t.ExcludeChoice
	}
	texts, err := json.Marshal(t.Text)
	if err != nil {
		return fmt.Errorf("encode the texts of transaction %s: %w", t.TransactionID, err)
	}
	t.Texts = tables.EncryptedString(texts)
	t.MerchantHash, err = merchantHash(key, t)
	return err
}

// Seal returns a new transaction of a user as it is stored, and fills in its fields. Apply
// stores it with its figures; tests that fill a table do not.
func (s *Store) Seal(userID string, key *fieldcrypt.DataKey, made *Transaction) (store.SealedItem, error) {
	made.Version = rand.Text()
	if err := s.complete(key, userID, made); err != nil {
		return nil, err
	}
	return s.schema.Marshal(key, made.Transaction)
}
