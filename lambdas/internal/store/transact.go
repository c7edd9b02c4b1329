package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Write is one write of a transaction. The Tx methods of tables make writes.
type Write struct {
	item types.TransactWriteItem
	err  error
}

// TxCreate is Create in a transaction.
func (t *Table[T]) TxCreate(item T) Write { return t.TxPut(item, t.itemAbsent()) }

// TxPut is Put in a transaction.
func (t *Table[T]) TxPut(item T, conditions ...expression.ConditionBuilder) Write {
	put, err := t.put(item, conditions)
	return Write{types.TransactWriteItem{Put: put}, t.wrapError("write", err)}
}

// TxUpdate is Update in a transaction. For an item that does not exist, its condition
// fails.
func (t *Table[T]) TxUpdate(key Key, change expression.UpdateBuilder, conditions ...expression.ConditionBuilder) Write {
	update, err := t.update(key, change, append(slices.Clip(conditions), t.itemExists()))
	return Write{types.TransactWriteItem{Update: update}, t.wrapError("change", err)}
}

// TxUpsert is Upsert in a transaction.
func (t *Table[T]) TxUpsert(key Key, change expression.UpdateBuilder, conditions ...expression.ConditionBuilder) Write {
	update, err := t.update(key, change, conditions)
	return Write{types.TransactWriteItem{Update: update}, t.wrapError("change", err)}
}

// TxDelete is Delete in a transaction.
func (t *Table[T]) TxDelete(key Key, conditions ...expression.ConditionBuilder) Write {
	deletion, err := t.delete(key, conditions)
	return Write{types.TransactWriteItem{Delete: deletion}, t.wrapError("delete", err)}
}

// TxConditionCheck makes a transaction depend on an item that it does not write. The
// item must exist, and all of the conditions must hold for it.
func (t *Table[T]) TxConditionCheck(key Key, conditions ...expression.ConditionBuilder) Write {
	return t.check(key, append(slices.Clip(conditions), t.itemExists()))
}

// TxAbsent makes a transaction depend on the absence of an item.
func (t *Table[T]) TxAbsent(key Key) Write {
	return t.check(key, []expression.ConditionBuilder{t.itemAbsent()})
}

func (t *Table[T]) check(key Key, conditions []expression.ConditionBuilder) Write {
	check, err := t.delete(key, conditions)
	return Write{types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: check.TableName, Key: check.Key, ConditionExpression: check.ConditionExpression,
		ExpressionAttributeNames: check.ExpressionAttributeNames, ExpressionAttributeValues: check.ExpressionAttributeValues,
	}}, t.wrapError("check", err)}
}

// Transact does all of the writes, at most 100, or none. It returns a
// *TransactionError when conditions do not hold, and ErrConflict when other
// transactions still conflict after several attempts. The SDK gives each transaction
// a token, so a transaction whose response was lost is done once.
func Transact(ctx context.Context, client Client, writes ...Write) error {
	items := make([]types.TransactWriteItem, len(writes))
	var problems []error
	for i, write := range writes {
		items[i] = write.item
		problems = append(problems, write.err)
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	err := untilNoConflict(ctx, func() error {
		_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	})
	if err != nil {
		return fmt.Errorf("transaction: %w", err)
	}
	return nil
}

// Transact does writes to this and other tables, as the function Transact does.
func (t *Table[T]) Transact(ctx context.Context, writes ...Write) error {
	return Transact(ctx, t.client, writes...)
}
