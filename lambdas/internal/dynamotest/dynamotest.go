package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// The engine is started by the first test that asks for it: a run of other
// tests, or the workers of a fuzz test, need none.
var (
	stop   = func() error { return nil }
	client = sync.OnceValues(start)
)

func start() (*dynamodb.Client, error) {
	state, err := os.MkdirTemp("", "expenzez-dynamodb-")
	if err != nil {
		return nil, err
	}
	stage, err := local.Start(context.Background(), local.Options{StateDir: state, Progress: os.Stderr})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(state))
	}
	stop = func() error { return errors.Join(stage.Stop(), os.RemoveAll(state)) }
	return dynamodb.NewFromConfig(stage.AWSConfig(local.Region)), nil
}

// Run runs the tests and stops the engine. It returns the exit status.
func Run(m *testing.M) int {
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop the engine:", err)
		return 1
	}
	return code
}

// Client returns a client of the engine.
func Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	db, err := client()
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// Table makes a new, empty table with the declaration's keys and, for each
// further pair of attributes, an index of the partition key's name with that
// partition and sort key. It returns the table's name.
func Table(t testing.TB, declared *tables.Table, indexes ...[2]tables.Attribute) string {
	t.Helper()
	name := declared.Name + "-" + rand.Text()
	input := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: schema(declared.PartitionKey, declared.SortKey),
	}
	attributes := map[tables.Attribute]bool{declared.PartitionKey: true, declared.SortKey: true}
	for _, index := range indexes {
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index[0].Name, KeySchema: schema(index[0], index[1]),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
		attributes[index[0]], attributes[index[1]] = true, true
	}
	for attribute := range attributes {
		if attribute.Name != "" {
			input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
				AttributeName: aws.String(attribute.Name), AttributeType: types.ScalarAttributeType(attribute.Type),
			})
		}
	}
	if _, err := Client(t).CreateTable(context.Background(), input); err != nil {
		t.Fatal(err)
	}
	return name
}

// Text returns all items of a table as whoever reads them sees them: what is in
// binary attributes too, which JSON would show as base64, where a text that was
// never sealed is not found.
func Text(t testing.TB, name string) string {
	t.Helper()
	page, err := Client(t).Scan(context.Background(), &dynamodb.ScanInput{TableName: &name})
	if err != nil {
		t.Fatal(err)
	}
	var items []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(page.Items, &items); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%q", items)
}

func schema(partition, sort tables.Attribute) []types.KeySchemaElement {
	keys := []types.KeySchemaElement{{AttributeName: aws.String(partition.Name), KeyType: types.KeyTypeHash}}
	if sort.Name != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(sort.Name), KeyType: types.KeyTypeRange})
	}
	return keys
}
