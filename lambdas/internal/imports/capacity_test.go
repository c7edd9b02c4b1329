package imports_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// metered counts the write units of transactions, by table, with their
// indexes.
type metered struct {
	store.Client
	mu    sync.Mutex
	units map[string]float64
	calls int
}

func (m *metered) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityIndexes
	out, err := m.Client.TransactWriteItems(ctx, in, options...)
	if err != nil {
		return out, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	for _, consumed := range out.ConsumedCapacity {
		table, _, _ := strings.Cut(*consumed.TableName, "-")
		m.units[table] += *consumed.CapacityUnits
	}
	return out, nil
}

func realistic(t testing.TB, n int) imports.File {
	f := file("santander")
	for i := range n {
		day := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/6)
		one := row(t, day.Format(time.DateOnly), fmt.Sprintf("-%d.%02d", 1+i%97, i%100), fmt.Sprintf("CARD PAYMENT TO ACME STORES %d,10.20 GBP, RATE 1.00/GBP ON %s", 1000+i%50, day.Format("02-01-2006")))
		one.Merchant = "Acme Stores"
		f.Rows = append(f.Rows, one)
	}
	return f
}

// docs/imports.md says what 1,000 rows take of DynamoDB.
func TestImport_ThousandRows_TakeTheCapacityThatDocsSay(t *testing.T) {
	stage := newStage(t)
	m := &metered{Client: dynamotest.Client(t), units: map[string]float64{}}
	if _, created, err := load(t.Context(), stage.Through(m), "ada", realistic(t, 1000)); err != nil || created != 1000 {
		t.Fatalf("%d rows, %v", created, err)
	}
	total := 0.0
	for _, units := range m.units {
		total += units
	}
	t.Logf("1,000 rows: %.0f write units in %d transactions: %v", total, m.calls, m.units)
	if total < 3900 || total > 4200 || m.calls != 12 {
		t.Errorf("1,000 rows took %.0f units in %d transactions", total, m.calls)
	}
}

func BenchmarkPlan10000(b *testing.B) {
	stage, f := newStage(b), realistic(b, 10_000)
	importer := imports.New(stage.Store, rules{}, time.Now)
	for b.Loop() {
		if _, err := importer.Plan(b.Context(), "ada", f); err != nil {
			b.Fatal(err)
		}
	}
}
