package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// The first test that needs the engine starts it. Other tests, and the workers of a
// fuzz test, need none.
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

// Table creates an empty table with the declaration's keys and indexes, and returns
// its name.
func Table(t testing.TB, declared *tables.Table) string {
	t.Helper()
	name := declared.Name + "-" + rand.Text()
	if _, err := Client(t).CreateTable(context.Background(), declared.CreateInput(name)); err != nil {
		t.Fatal(err)
	}
	return name
}

// Text returns all items of a table as readable text, including binary attributes. In
// JSON's base64, a test would not find a text that was never sealed.
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
