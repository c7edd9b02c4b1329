package local_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/local"
)

// throttledStage returns a client of an engine whose partitions take so many write
// units a second, and a table on it.
func throttledStage(t *testing.T, units int) *dynamodb.Client {
	t.Helper()
	stage, err := local.Start(context.Background(), local.Options{StateDir: t.TempDir(), PartitionWriteUnits: units})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stage.Stop(); err != nil {
			t.Error(err)
		}
	})
	client := dynamodb.NewFromConfig(stage.AWSConfig(local.Region), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("limited"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("user"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("day"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("user"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("id"), KeyType: types.KeyTypeRange}},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{{
			IndexName: aws.String("by-day"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("user"), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("day"), KeyType: types.KeyTypeRange}},
		}},
	}); err != nil {
		t.Fatal(err)
	}
	return client
}

func entry(user, id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"user": &types.AttributeValueMemberS{Value: user}, "id": &types.AttributeValueMemberS{Value: id}, "day": &types.AttributeValueMemberS{Value: "2026-07-01"},
	}
}

func TestPartitionWriteUnits_PartitionAtItsLimit_IsRefusedForItsSecond(t *testing.T) {
	client := throttledStage(t, 20)
	put := func(user, id string) error {
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("limited"), Item: entry(user, id)})
		return err
	}
	transact := func(user string, n int) error {
		var items []types.TransactWriteItem
		for i := range n {
			items = append(items, types.TransactWriteItem{Put: &types.Put{TableName: aws.String("limited"), Item: entry(user, fmt.Sprint("t", i))}})
		}
		_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	}
	// Seven transactional writes take two units each and one for the index: 21 of 20.
	if err := transact("ada", 7); err != nil {
		t.Fatal(err)
	}
	var cancelled *types.TransactionCanceledException
	if err := transact("ada", 1); !errors.As(err, &cancelled) || *cancelled.CancellationReasons[0].Code != "ThrottlingError" {
		t.Errorf("a transaction beyond the limit: %v", err)
	}
	var refused smithy.APIError
	if err := put("ada", "x"); !errors.As(err, &refused) || refused.ErrorCode() != "ThrottlingException" {
		t.Errorf("a write beyond the limit: %v", err)
	}
	if err := put("eve", "x"); err != nil {
		t.Errorf("a write to another partition: %v", err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := put("ada", "x"); err != nil {
		t.Errorf("a write after a while: %v", err)
	}
}

func TestPartitionWriteUnits_None_IsNoLimit(t *testing.T) {
	client := throttledStage(t, 0)
	for i := range 50 {
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("limited"), Item: entry("ada", fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
}
