package function

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Change is one change of an item of a table. I has the attributes of the item that the
// handler looks at, as dynamodbav tags name them; sealed attributes are binary.
type Change[I any] struct {
	// Old is the item before the change. It is nil for an item that is new.
	Old *I
	// New is the item after the change. It is nil for an item that was deleted.
	New *I
	// Expired reports whether DynamoDB deleted the item at the end of its time to live.
	Expired bool
}

// Changes declares that the function takes the changes of a table's items, each at
// least once. The changes of one item come in order. A change for which handle returns
// an error comes again and holds up those behind it in its shard. After the last
// attempt, its place in the stream goes to the dead letters of the function.
// https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
func Changes[S, I any](table *tables.Table, handle func(S, context.Context, Change[I]) error) EventOf[S] {
	return EventOf[S]{
		Event: Event{Key: "changes of " + table.Name, Changes: table, matches: fromStream("-" + table.Name)},
		bindMessages: func(service S) MessageHandler {
			return func(ctx context.Context, body json.RawMessage) error {
				change, err := changeOf[I](body)
				if err != nil {
					return fmt.Errorf("read a change of %s: %w", table.Name, err)
				}
				return handle(service, ctx, change)
			}
		},
	}
}

// ChangesTogether is Changes for a handler that takes the changes of a batch at once, in
// their order. When handle returns an error, all of them come again.
func ChangesTogether[S, I any](table *tables.Table, handle func(S, context.Context, []Change[I]) error) EventOf[S] {
	event := Changes[S, I](table, nil)
	event.Together = true
	event.bindMessages = func(service S) MessageHandler {
		return func(ctx context.Context, body json.RawMessage) error {
			var records []json.RawMessage
			if err := json.Unmarshal(body, &records); err != nil {
				return fmt.Errorf("read changes of %s: %w", table.Name, err)
			}
			changes := make([]Change[I], len(records))
			for i, record := range records {
				var err error
				if changes[i], err = changeOf[I](record); err != nil {
					return fmt.Errorf("read a change of %s: %w", table.Name, err)
				}
			}
			return handle(service, ctx, changes)
		}
	}
	return event
}

func changeOf[I any](body json.RawMessage) (change Change[I], err error) {
	var record events.DynamoDBEventRecord
	if err := json.Unmarshal(body, &record); err != nil {
		return change, err
	}
	change.Expired = record.UserIdentity != nil && record.UserIdentity.PrincipalID == "dynamodb.amazonaws.com"
	if change.Old, err = imageOf[I](record.Change.OldImage); err != nil {
		return change, err
	}
	change.New, err = imageOf[I](record.Change.NewImage)
	return change, err
}

func imageOf[I any](image map[string]events.DynamoDBAttributeValue) (*I, error) {
	if len(image) == 0 {
		return nil, nil
	}
	attributes := make(map[string]types.AttributeValue, len(image))
	for name, value := range image {
		attributes[name] = attributeOf(value)
	}
	item := new(I)
	return item, attributevalue.UnmarshalMap(attributes, item)
}

// attributeOf turns an attribute of a stream's record into the SDK's.
func attributeOf(value events.DynamoDBAttributeValue) types.AttributeValue {
	switch value.DataType() {
	case events.DataTypeString:
		return &types.AttributeValueMemberS{Value: value.String()}
	case events.DataTypeNumber:
		return &types.AttributeValueMemberN{Value: value.Number()}
	case events.DataTypeBinary:
		return &types.AttributeValueMemberB{Value: value.Binary()}
	case events.DataTypeBoolean:
		return &types.AttributeValueMemberBOOL{Value: value.Boolean()}
	case events.DataTypeStringSet:
		return &types.AttributeValueMemberSS{Value: value.StringSet()}
	case events.DataTypeNumberSet:
		return &types.AttributeValueMemberNS{Value: value.NumberSet()}
	case events.DataTypeBinarySet:
		return &types.AttributeValueMemberBS{Value: value.BinarySet()}
	case events.DataTypeList:
		list := &types.AttributeValueMemberL{}
		for _, element := range value.List() {
			list.Value = append(list.Value, attributeOf(element))
		}
		return list
	case events.DataTypeMap:
		nested := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
		for name, element := range value.Map() {
			nested.Value[name] = attributeOf(element)
		}
		return nested
	default: // NULL
		return &types.AttributeValueMemberNULL{Value: true}
	}
}
