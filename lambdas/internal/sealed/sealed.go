package sealed

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Permissions returns what a function needs to call these operations on the table,
// and to use its users' data keys.
func Permissions(table *tables.Table, operations ...tables.Operation) function.Permissions {
	return function.Permissions{
		Tables: []tables.Grant{table.Allow(operations...)},
	}.And(DataKeyPermissions)
}

// DataKeyPermissions are what it takes to use users' data keys: to read the item that
// has the wrapped key, and to unwrap it.
var DataKeyPermissions = function.Permissions{
	Tables: []tables.Grant{tables.Users.Allow(tables.GetItem)},
	Keys:   []function.KeyGrant{function.FieldKey.AllowFor(tables.Users, function.Decrypt)},
}

// DataKeys are users' data keys. *accounts.Accounts has them.
type DataKeys interface {
	// DataKey returns a user's data key, or accounts.ErrNotFound.
	DataKey(ctx context.Context, userID string) (*fieldcrypt.DataKey, error)
}

// Table is a table with items of type T, whose private fields are sealed. It is safe
// for concurrent use.
type Table[T any] struct {
	items    *store.Table[store.SealedItem]
	schema   *fieldcrypt.Schema[T]
	declared *tables.Table
	keys     DataKeys
}

// Open returns the table for a function that declares Permissions with the operations
// of the methods that it calls.
func Open[T any](resources *function.Resources, table *tables.Table) *Table[T] {
	shared := function.Shared(resources, func() *accounts.Accounts { return accounts.Open(resources) })
	return New[T](store.Open[store.SealedItem](resources, table), table, shared)
}

// New returns the table over stored items, with these data keys. It panics if T cannot
// be sealed (fieldcrypt.NewSchema), or if the table's partition key is not the user's id.
func New[T any](items *store.Table[store.SealedItem], table *tables.Table, keys DataKeys) *Table[T] {
	if table.Erasure != tables.ErasePartition {
		panic(fmt.Sprintf("sealed: the partition key of table %s is not the user's id: it has not ErasePartition", table.Name))
	}
	return &Table[T]{items: items, schema: fieldcrypt.NewSchema[T](table), declared: table, keys: keys}
}

// Get returns an item, or store.ErrNotFound (GetItem).
func (t *Table[T]) Get(ctx context.Context, key store.Key) (*T, error) {
	var stored *store.SealedItem
	dataKey, err := t.withKey(ctx, key[0], func() (err error) {
		stored, err = t.items.Get(ctx, key, store.Consistent)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t.open(dataKey, *stored)
}

// Query returns a page of a user's items; the partition is the user's id (Query).
// Consistency is set.
func (t *Table[T]) Query(ctx context.Context, q store.Query) (store.Page[T], error) {
	q.Consistency = store.Consistent
	var found store.Page[store.SealedItem]
	dataKey, err := t.withKey(ctx, q.Partition, func() (err error) {
		found, err = t.items.Query(ctx, q)
		return err
	})
	if err != nil {
		return store.Page[T]{}, err
	}
	items, err := t.openAll(dataKey, found.Items)
	return store.Page[T]{Items: items, Next: found.Next}, err
}

// GetAll returns the items of one user with these sort keys, in no order, as
// store.Table.GetAll does (BatchGetItem).
func (t *Table[T]) GetAll(ctx context.Context, userID string, sortKeys ...any) ([]T, error) {
	keys := make([]store.Key, len(sortKeys))
	for i, sort := range sortKeys {
		keys[i] = store.Key{userID, sort}
	}
	var found []store.SealedItem
	dataKey, err := t.withKey(ctx, userID, func() (err error) {
		found, err = t.items.GetAll(ctx, keys, store.Consistent)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t.openAll(dataKey, found)
}

// Create stores a new item of the user, or returns store.ErrConditionFailed when there
// is one with its key (PutItem).
func (t *Table[T]) Create(ctx context.Context, userID string, item T) error {
	sealed, err := t.seal(ctx, userID, item)
	if err != nil {
		return err
	}
	return t.items.Create(ctx, sealed[0])
}

// Put stores an item of the user in place of any other with its key, as
// store.Table.Put does (PutItem).
func (t *Table[T]) Put(ctx context.Context, userID string, item T, conditions ...expression.ConditionBuilder) error {
	sealed, err := t.seal(ctx, userID, item)
	if err != nil {
		return err
	}
	return t.items.Put(ctx, sealed[0], conditions...)
}

// PutAll stores items of the user, without conditions and not as one, as
// store.Table.WriteAll does (BatchWriteItem).
func (t *Table[T]) PutAll(ctx context.Context, userID string, items ...T) error {
	sealed, err := t.seal(ctx, userID, items...)
	if err != nil {
		return err
	}
	return t.items.WriteAll(ctx, sealed, nil)
}

// TxCreate returns the write that stores a new item of the user in a transaction
// (PutItem). It returns the errors of reading the user's data key.
func (t *Table[T]) TxCreate(ctx context.Context, userID string, item T) (store.Write, error) {
	sealed, err := t.seal(ctx, userID, item)
	if err != nil {
		return store.Write{}, err
	}
	return t.items.TxCreate(sealed[0]), nil
}

// TxPut returns the write that stores an item of the user in place of any other with its
// key in a transaction, as store.Table.TxPut does (PutItem).
func (t *Table[T]) TxPut(ctx context.Context, userID string, item T, conditions ...expression.ConditionBuilder) (store.Write, error) {
	sealed, err := t.seal(ctx, userID, item)
	if err != nil {
		return store.Write{}, err
	}
	return t.items.TxPut(sealed[0], conditions...), nil
}

// TxDelete returns the write that deletes an item in a transaction (DeleteItem).
func (t *Table[T]) TxDelete(key store.Key, conditions ...expression.ConditionBuilder) store.Write {
	return t.items.TxDelete(key, conditions...)
}

// Transact does writes to this and other tables, all or none, as store.Transact does.
func (t *Table[T]) Transact(ctx context.Context, writes ...store.Write) error {
	return t.items.Transact(ctx, writes...)
}

// Modify has an item edited and stores exactly the attributes that changed, all of it
// again when another request changed the item meanwhile. Attributes that T does not
// have are kept, since another release may have written them. It returns the item as
// it is stored, store.ErrNotFound, store.ErrConflict, or the error of edit (GetItem,
// UpdateItem).
func (t *Table[T]) Modify(ctx context.Context, key store.Key, edit func(*T) error) (*T, error) {
	dataKey, err := t.dataKey(ctx, key[0])
	if err != nil {
		return nil, err
	}
	var after *T
	_, err = t.items.UpdateFrom(ctx, key, func(stored *store.SealedItem) (change expression.UpdateBuilder, err error) {
		before, err := t.schema.Unmarshal(dataKey, *stored)
		if err != nil {
			return change, err
		}
		edited, _ := t.schema.Unmarshal(dataKey, *stored) // a copy would share its maps and slices with before
		if err := edit(&edited); err != nil {
			return change, err
		}
		after = &edited
		return t.schema.Update(dataKey, before, edited)
	})
	if err != nil {
		return nil, err
	}
	return after, nil
}

// ModifyOrCreate is Modify that has edit change a fresh item, and stores it, when there is
// no item (GetItem, UpdateItem, PutItem).
func (t *Table[T]) ModifyOrCreate(ctx context.Context, key store.Key, fresh func() T, edit func(*T) error) (*T, error) {
	modified, err := t.Modify(ctx, key, edit)
	if !errors.Is(err, store.ErrNotFound) {
		return modified, err
	}
	userID, ok := key[0].(string)
	if !ok {
		return nil, fmt.Errorf("table %s: the user's id is a string, not %T", t.declared.Name, key[0])
	}
	item := fresh()
	if err := edit(&item); err != nil {
		return nil, err
	}
	err = t.Create(ctx, userID, item)
	if errors.Is(err, store.ErrConditionFailed) { // another request was first
		return t.Modify(ctx, key, edit)
	}
	if err != nil {
		return nil, err
	}
	return &item, nil
}

// Remove deletes an item, or returns store.ErrNotFound when there is none
// (DeleteItem).
func (t *Table[T]) Remove(ctx context.Context, key store.Key) error { return t.items.Remove(ctx, key) }

// Hash returns the keyed hash of a private text of the user, by which equal texts of
// one user are found (fieldcrypt.DataKey.Hash).
func (t *Table[T]) Hash(ctx context.Context, userID, purpose string, parts ...string) (string, error) {
	dataKey, err := t.keys.DataKey(ctx, userID)
	if err != nil {
		return "", err
	}
	return dataKey.Hash(purpose, parts...)
}

// HashEach is Hash for several texts of a user, which reads the data key once.
func (t *Table[T]) HashEach(ctx context.Context, userID, purpose string, texts ...string) ([]string, error) {
	dataKey, err := t.keys.DataKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	hashes := make([]string, len(texts))
	for i, text := range texts {
		if hashes[i], err = dataKey.Hash(purpose, text); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// withKey reads items of a user and the user's data key at the same time. The error of
// the items comes first: a user without the item learns nothing more.
func (t *Table[T]) withKey(ctx context.Context, userID any, read func() error) (*fieldcrypt.DataKey, error) {
	var dataKey *fieldcrypt.DataKey
	var keyErr error
	var both sync.WaitGroup
	both.Go(func() { dataKey, keyErr = t.dataKey(ctx, userID) })
	err := read()
	both.Wait()
	if err != nil {
		return nil, err
	}
	return dataKey, keyErr
}

func (t *Table[T]) dataKey(ctx context.Context, userID any) (*fieldcrypt.DataKey, error) {
	id, ok := userID.(string)
	if !ok {
		return nil, fmt.Errorf("table %s: the user's id is a string, not %T", t.declared.Name, userID)
	}
	return t.keys.DataKey(ctx, id)
}

func (t *Table[T]) seal(ctx context.Context, userID string, items ...T) ([]store.SealedItem, error) {
	dataKey, err := t.keys.DataKey(ctx, userID)
	if err != nil {
		return nil, err
	}
	sealed := make([]store.SealedItem, len(items))
	for i, item := range items {
		if sealed[i], err = t.schema.Marshal(dataKey, item); err != nil {
			return nil, err
		}
		if owner := t.items.KeyOf(sealed[i])[0]; owner != userID {
			return nil, errors.New("an item of another user is to be stored under this user's data key")
		}
	}
	return sealed, nil
}

func (t *Table[T]) open(dataKey *fieldcrypt.DataKey, stored store.SealedItem) (*T, error) {
	item, err := t.schema.Unmarshal(dataKey, stored)
	if err != nil {
		return nil, err
	}
	return &item, nil
}

func (t *Table[T]) openAll(dataKey *fieldcrypt.DataKey, stored []store.SealedItem) ([]T, error) {
	items := make([]T, len(stored))
	for i := range stored {
		item, err := t.open(dataKey, stored[i])
		if err != nil {
			return nil, err
		}
		items[i] = *item
	}
	return items, nil
}
