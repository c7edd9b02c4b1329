package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Client is the part of the DynamoDB client that tables need.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// SealedItem is an encoded item: its attributes by name. A Table[SealedItem] encodes
// nothing. It is for items that a fieldcrypt.Schema encodes.
type SealedItem map[string]types.AttributeValue

// Table is one DynamoDB table with items of type T. It is safe for concurrent
// use.
type Table[T any] struct {
	client   Client
	name     string
	declared *tables.Table
	notes    bool
}

// Open returns a table that the function declares in its permissions.
func Open[T any](resources *function.Resources, declared *tables.Table) *Table[T] {
	return New[T](dynamodb.NewFromConfig(resources.AWS), resources.Table(declared), declared)
}

// New returns the table of this physical name.
func New[T any](client Client, name string, declared *tables.Table) *Table[T] {
	return &Table[T]{client: client, name: name, declared: declared}
}

// Notes returns the table for updates that leave WrittenAt as it is. They note on an item
// what was done with it, such as that it is read or sent. Its content is as old as before,
// so an erasure still finds it.
func (t *Table[T]) Notes() *Table[T] {
	other := *t
	other.notes = true
	return &other
}

// Consistency says whether a read sees every write that DynamoDB acknowledged
// earlier.
type Consistency bool

// The consistencies. An eventual read costs half as much, and may return data that is
// a second old.
const (
	Consistent Consistency = true
	Eventual   Consistency = false
)

// Get returns an item, or ErrNotFound.
func (t *Table[T]) Get(ctx context.Context, key Key, consistency Consistency) (*T, error) {
	attributes, err := keyAttributes(t.declared, key)
	if err != nil {
		return nil, err
	}
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: attributes, ConsistentRead: aws.Bool(bool(consistency)),
	})
	if err != nil {
		return nil, t.wrapError("read", err)
	}
	if out.Item == nil {
		return nil, t.wrapError("read", ErrNotFound)
	}
	return t.decode(out.Item)
}

// Create stores a new item. It returns ErrConditionFailed when an item with the key
// exists.
func (t *Table[T]) Create(ctx context.Context, item T) error {
	return t.Put(ctx, item, t.itemAbsent())
}

// Put stores an item, and replaces an existing item with its key. It returns
// ErrConditionFailed unless all of the conditions hold for the existing item, which
// ConflictingItem then returns.
func (t *Table[T]) Put(ctx context.Context, item T, conditions ...expression.ConditionBuilder) error {
	put, err := t.put(item, conditions)
	if err != nil {
		return t.wrapError("write", err)
	}
	return t.wrapError("write", t.send(ctx, put))
}

func (t *Table[T]) send(ctx context.Context, put *types.Put) error {
	return untilNoConflict(ctx, func() error {
		_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: put.TableName, Item: put.Item, ConditionExpression: put.ConditionExpression,
			ExpressionAttributeNames: put.ExpressionAttributeNames, ExpressionAttributeValues: put.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	})
}

// Update changes an item and returns the whole new item. It returns ErrNotFound when
// the item does not exist, and ErrConditionFailed unless all of the conditions hold.
func (t *Table[T]) Update(ctx context.Context, key Key, change expression.UpdateBuilder, conditions ...expression.ConditionBuilder) (*T, error) {
	item, err := t.change(ctx, key, change, append(slices.Clip(conditions), t.itemExists()))
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) && len(refused.Item) == 0 {
		return nil, t.wrapError("change", ErrNotFound)
	}
	return item, err
}

// Upsert is Update that creates an item that does not exist, if all of the conditions
// hold without an item.
func (t *Table[T]) Upsert(ctx context.Context, key Key, change expression.UpdateBuilder, conditions ...expression.ConditionBuilder) (*T, error) {
	return t.change(ctx, key, change, conditions)
}

func (t *Table[T]) change(ctx context.Context, key Key, change expression.UpdateBuilder, conditions []expression.ConditionBuilder) (*T, error) {
	update, err := t.update(key, change, conditions)
	if err != nil {
		return nil, t.wrapError("change", err)
	}
	var out *dynamodb.UpdateItemOutput
	err = untilNoConflict(ctx, func() (err error) {
		out, err = t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: update.TableName, Key: update.Key, UpdateExpression: update.UpdateExpression,
			ConditionExpression:      update.ConditionExpression,
			ExpressionAttributeNames: update.ExpressionAttributeNames, ExpressionAttributeValues: update.ExpressionAttributeValues,
			ReturnValues:                        types.ReturnValueAllNew,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	})
	if err != nil {
		return nil, t.wrapError("change", err)
	}
	return t.decode(out.Attributes)
}

// Delete removes an item. Deleting an item that does not exist succeeds. Delete
// returns ErrConditionFailed unless all of the conditions hold.
func (t *Table[T]) Delete(ctx context.Context, key Key, conditions ...expression.ConditionBuilder) error {
	deletion, err := t.delete(key, conditions)
	if err != nil {
		return t.wrapError("delete", err)
	}
	return t.wrapError("delete", untilNoConflict(ctx, func() error {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: deletion.TableName, Key: deletion.Key, ConditionExpression: deletion.ConditionExpression,
			ExpressionAttributeNames: deletion.ExpressionAttributeNames, ExpressionAttributeValues: deletion.ExpressionAttributeValues,
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		})
		return err
	}))
}

// Remove is Delete that returns ErrNotFound when there is no item. A deletion whose
// answer was lost is repeated by the SDK and then finds no item either.
func (t *Table[T]) Remove(ctx context.Context, key Key) error {
	err := t.Delete(ctx, key, t.itemExists())
	if errors.Is(err, ErrConditionFailed) {
		return t.wrapError("delete", ErrNotFound)
	}
	return err
}

const versionAttribute = "version"

// Replace stores an item that was read before, if it still has the version that was
// read, or still has none. Replace sets the item's Version, or the attribute
// "version" of a SealedItem, to the new version. It returns ErrConditionFailed when
// another write came first.
func (t *Table[T]) Replace(ctx context.Context, item *T) error {
	put, err := t.put(*item, nil)
	if err != nil {
		return t.wrapError("replace", err)
	}
	if err := conditional(put, hasVersionOf(put.Item)); err != nil {
		return t.wrapError("replace", err)
	}
	version := rand.Text()
	put.Item = maps.Clone(put.Item) // the caller keeps using its own map
	put.Item[versionAttribute] = &types.AttributeValueMemberS{Value: version}
	err = t.send(ctx, put)
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) && versionOf(refused.Item) == version {
		err = nil // our own write, whose answer was lost
	}
	if err != nil {
		return t.wrapError("replace", err)
	}
	if stored, ok := any(item).(*SealedItem); ok {
		*stored = put.Item
		return nil
	}
	return attributevalue.UnmarshalMap(SealedItem{versionAttribute: put.Item[versionAttribute]}, item)
}

// Modify reads an item, calls edit, and replaces the item. It starts again when
// another write came first. It returns the stored item. It returns ErrNotFound, the
// error of edit, or ErrConflict when every attempt was too late.
func (t *Table[T]) Modify(ctx context.Context, key Key, edit func(*T) error) (*T, error) {
	for attempt := 1; ; attempt++ {
		item, err := t.Get(ctx, key, Consistent)
		if err != nil {
			return nil, err
		}
		if err := edit(item); err != nil {
			return nil, err
		}
		err = t.Replace(ctx, item)
		if err == nil {
			return item, nil
		}
		if !errors.Is(err, ErrConditionFailed) {
			return nil, err
		}
		if !pause(ctx, attempt) {
			return nil, fmt.Errorf("%w: %w", ErrConflict, err)
		}
	}
}

// ModifyOrCreate is Modify that has edit change a fresh item, and stores it, when there is
// no item.
func (t *Table[T]) ModifyOrCreate(ctx context.Context, key Key, fresh func() *T, edit func(*T) error) (*T, error) {
	item, err := t.Modify(ctx, key, edit)
	if !errors.Is(err, ErrNotFound) {
		return item, err
	}
	item = fresh()
	if err := edit(item); err != nil {
		return nil, err
	}
	err = t.Replace(ctx, item)
	if errors.Is(err, ErrConditionFailed) { // another request was first
		return t.Modify(ctx, key, edit)
	}
	if err != nil {
		return nil, err
	}
	return item, nil
}

// UpdateFrom reads an item, has a change computed from it, and applies the change if
// the item is still as it was read; all of that again when another request wrote it
// meanwhile. The item's attribute "version" tells. It returns the item as it is stored,
// ErrNotFound, the error of change, or ErrConflict when other requests always wrote it.
func (t *Table[T]) UpdateFrom(ctx context.Context, key Key, change func(*T) (expression.UpdateBuilder, error)) (*T, error) {
	for attempt := 1; ; attempt++ {
		item, err := t.Get(ctx, key, Consistent)
		if err != nil {
			return nil, err
		}
		update, err := change(item)
		if err != nil {
			return nil, err
		}
		stored, err := t.updateVersion(ctx, key, item, update)
		if err == nil || !errors.Is(err, ErrConditionFailed) {
			return stored, err
		}
		if !pause(ctx, attempt) {
			return nil, fmt.Errorf("%w: %w", ErrConflict, err)
		}
	}
}

// updateVersion applies a change to an item with the version that was read. A
// condition that fails because the answer of this write was lost is no failure.
func (t *Table[T]) updateVersion(ctx context.Context, key Key, read *T, update expression.UpdateBuilder) (*T, error) {
	old, err := encode(*read)
	if err != nil {
		return nil, t.wrapError("change", err)
	}
	version := rand.Text()
	update = update.Set(expression.Name(versionAttribute), expression.Value(version))
	stored, err := t.Update(ctx, key, update, hasVersionOf(old))
	if conflicting, ok := t.ConflictingItem(err); ok {
		if now, err := encode(*conflicting); err == nil && versionOf(now) == version {
			return conflicting, nil
		}
	}
	return stored, err
}

// hasVersionOf is the condition that an item still has the version with which it was
// read, or none when it had none.
func hasVersionOf(read SealedItem) expression.ConditionBuilder {
	if version := versionOf(read); version != "" {
		return expression.Name(versionAttribute).Equal(expression.Value(version))
	}
	return expression.Name(versionAttribute).AttributeNotExists()
}

func versionOf(item SealedItem) string {
	version, _ := item[versionAttribute].(*types.AttributeValueMemberS)
	if version == nil {
		return ""
	}
	return version.Value
}

// ConflictingItem returns the item that made a condition of Put, Update, Upsert or
// Delete fail, as it was at that moment.
func (t *Table[T]) ConflictingItem(err error) (*T, bool) {
	var refused *types.ConditionalCheckFailedException
	if !errors.As(err, &refused) || len(refused.Item) == 0 {
		return nil, false
	}
	item, err := t.decode(refused.Item)
	return item, err == nil
}

func (t *Table[T]) decode(item SealedItem) (*T, error) {
	if stored, ok := any(&item).(*T); ok {
		return stored, nil
	}
	decoded := new(T)
	if err := attributevalue.UnmarshalMap(item, decoded); err != nil {
		return nil, t.wrapError("decode", err)
	}
	return decoded, nil
}

func (t *Table[T]) decodeAll(items []SealedItem) ([]T, error) {
	decoded := make([]T, len(items))
	for i, item := range items {
		one, err := t.decode(item)
		if err != nil {
			return nil, err
		}
		decoded[i] = *one
	}
	return decoded, nil
}

func encode[T any](item T) (SealedItem, error) {
	if stored, ok := any(item).(SealedItem); ok {
		return stored, nil
	}
	return attributevalue.MarshalMap(item)
}

// wrapError adds the operation and the table to an error.
func (t *Table[T]) wrapError(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, t.declared.Name, err)
}
