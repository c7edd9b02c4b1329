package release

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/config"
)

// documentKey is the partition key of the only item.
const documentKey = "state"

// Table keeps the document in an item of a DynamoDB table whose partition key is
// config.ReleasesKey.
type Table struct {
	name   string
	client *dynamodb.Client
}

// NewTable returns the table of that name.
func NewTable(cfg aws.Config, name string) *Table {
	return &Table{name: name, client: dynamodb.NewFromConfig(cfg)}
}

// Load returns the document, and an empty one if there is no item yet.
func (t *Table) Load(ctx context.Context) (*Document, error) {
	got, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{config.ReleasesKey: &types.AttributeValueMemberS{Value: documentKey}},
	})
	if err != nil {
		return nil, fmt.Errorf("read the state of the release: %w", err)
	}
	if len(got.Item) == 0 {
		return &Document{}, nil
	}
	text, _ := got.Item["document"].(*types.AttributeValueMemberS)
	version, _ := got.Item["version"].(*types.AttributeValueMemberN)
	if text == nil || version == nil {
		return nil, errors.New("the state of the release has no document or no version")
	}
	document := &Document{}
	if err := json.Unmarshal([]byte(text.Value), document); err != nil {
		return nil, fmt.Errorf("read the state of the release: %w", err)
	}
	if document.Version, err = strconv.Atoi(version.Value); err != nil {
		return nil, fmt.Errorf("read the version of the state: %w", err)
	}
	return document, nil
}

// Save writes the document if the item is still at its version.
func (t *Table) Save(ctx context.Context, document *Document) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	number := func(n int) types.AttributeValue { return &types.AttributeValueMemberN{Value: strconv.Itoa(n)} }
	put := &dynamodb.PutItemInput{
		TableName: &t.name,
		Item: map[string]types.AttributeValue{
			config.ReleasesKey: &types.AttributeValueMemberS{Value: documentKey},
			"version":          number(document.Version + 1),
			"document":         &types.AttributeValueMemberS{Value: string(text)},
		},
		ConditionExpression:      aws.String("attribute_not_exists(#guard)"),
		ExpressionAttributeNames: map[string]string{"#guard": config.ReleasesKey},
	}
	if document.Version > 0 {
		put.ConditionExpression = aws.String("#guard = :version")
		put.ExpressionAttributeNames = map[string]string{"#guard": "version"}
		put.ExpressionAttributeValues = map[string]types.AttributeValue{":version": number(document.Version)}
	}
	_, err = t.client.PutItem(ctx, put)
	var changed *types.ConditionalCheckFailedException
	if errors.As(err, &changed) {
		return ErrChanged
	}
	if err != nil {
		return fmt.Errorf("write the state of the release: %w", err)
	}
	document.Version++
	return nil
}
