package store

import (
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// WrittenAt is the attribute for the time of the last write to an item with user
// content, in epoch milliseconds. Every write sets it, except the updates of Notes.
const WrittenAt = "writtenAt"

// WrittenBefore is the condition that an item with user content was last written
// before a moment. It also holds for items without the attribute.
func WrittenBefore(moment time.Time) expression.ConditionBuilder {
	name := expression.Name(WrittenAt)
	return name.AttributeNotExists().Or(name.LessThan(expression.Value(moment.UnixMilli())))
}

// itemAbsent is the condition that no item has the key. itemExists is the condition
// that an item has the key.
func (t *Table[T]) itemAbsent() expression.ConditionBuilder {
	return expression.Name(t.declared.PartitionKey.Name).AttributeNotExists()
}

func (t *Table[T]) itemExists() expression.ConditionBuilder {
	return expression.Name(t.declared.PartitionKey.Name).AttributeExists()
}

func (t *Table[T]) put(item T, conditions []expression.ConditionBuilder) (*types.Put, error) {
	encoded, err := encode(item)
	if err != nil {
		return nil, err
	}
	if t.declared.UserContent {
		encoded = maps.Clone(encoded) // the caller keeps using its own map
		encoded[WrittenAt] = &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().UnixMilli(), 10)}
	}
	if err := checkSize(encoded); err != nil {
		return nil, err
	}
	put := &types.Put{TableName: &t.name, Item: encoded}
	if len(conditions) == 0 {
		return put, nil
	}
	return put, conditional(put, allOf(conditions))
}

func conditional(put *types.Put, condition expression.ConditionBuilder) error {
	expr, err := expression.NewBuilder().WithCondition(condition).Build()
	put.ConditionExpression, put.ExpressionAttributeNames, put.ExpressionAttributeValues = expr.Condition(), expr.Names(), expr.Values()
	return err
}

func (t *Table[T]) update(key Key, change expression.UpdateBuilder, conditions []expression.ConditionBuilder) (*types.Update, error) {
	attributes, err := keyAttributes(t.declared, key)
	if err != nil {
		return nil, err
	}
	if t.declared.UserContent && !t.notes {
		change = change.Set(expression.Name(WrittenAt), expression.Value(time.Now().UnixMilli()))
	}
	builder := expression.NewBuilder().WithUpdate(change)
	if len(conditions) > 0 {
		builder = builder.WithCondition(allOf(conditions))
	}
	expr, err := builder.Build()
	if err != nil {
		return nil, err
	}
	return &types.Update{
		TableName: &t.name, Key: attributes, UpdateExpression: expr.Update(), ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}, nil
}

func (t *Table[T]) delete(key Key, conditions []expression.ConditionBuilder) (*types.Delete, error) {
	attributes, err := keyAttributes(t.declared, key)
	if err != nil || len(conditions) == 0 {
		return &types.Delete{TableName: &t.name, Key: attributes}, err
	}
	expr, err := expression.NewBuilder().WithCondition(allOf(conditions)).Build()
	return &types.Delete{
		TableName: &t.name, Key: attributes, ConditionExpression: expr.Condition(),
		ExpressionAttributeNames: expr.Names(), ExpressionAttributeValues: expr.Values(),
	}, err
}

// allOf is the condition that all of the conditions hold.
func allOf(conditions []expression.ConditionBuilder) expression.ConditionBuilder {
	if len(conditions) == 1 {
		return conditions[0]
	}
	return expression.And(conditions[0], conditions[1], conditions[2:]...)
}
