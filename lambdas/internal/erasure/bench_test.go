package erasure

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
)

// metered adds up the capacity that DynamoDB says requests consumed.
type metered struct {
	store.Client
	reads, writes atomic.Int64 // in half units
	requests      atomic.Int64
}

func (m *metered) count(sum *atomic.Int64, consumed ...types.ConsumedCapacity) {
	m.requests.Add(1)
	for _, c := range consumed {
		sum.Add(int64(2 * *c.CapacityUnits))
	}
}

func (m *metered) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.Query(ctx, in, options...)
	if err == nil {
		m.count(&m.reads, *out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.DeleteItem(ctx, in, options...)
	if err == nil {
		m.count(&m.writes, *out.ConsumedCapacity)
	}
	return out, err
}

func (m *metered) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
	out, err := m.Client.BatchWriteItem(ctx, in, options...)
	if err == nil {
		m.count(&m.writes, out.ConsumedCapacity...)
	}
	return out, err
}

// transaction is an item of the size of a transaction of the app, 440 bytes.
type transaction struct {
	UserID string `dynamodbav:"userId"`
	ID     string `dynamodbav:"id"`
	Text   string `dynamodbav:"text"`
}

// BenchmarkErase erases 20,000 items of 440 bytes from one partition of the engine:
//
//	go test ./lambdas/internal/erasure -run '^$' -bench Erase -benchtime 1x
func BenchmarkErase(b *testing.B) {
	for name, erase := range map[string]func(*Eraser) (int, error){
		"all":    func(e *Eraser) (int, error) { return e.Erase(b.Context(), "ada") },
		"before": func(e *Eraser) (int, error) { return e.EraseBefore(b.Context(), "ada", time.Now().Add(time.Hour)) },
	} {
		b.Run(name, func(b *testing.B) {
			const count = 20_000
			table := dynamotest.Table(b, one)
			items := make([]transaction, count)
			for i := range items {
				items[i] = transaction{"ada", fmt.Sprintf("%036d", i), strings.Repeat("x", 380)}
			}
			if err := store.New[transaction](dynamotest.Client(b), table, one).WriteAll(b.Context(), items, nil); err != nil {
				b.Fatal(err)
			}
			m := &metered{Client: dynamotest.Client(b)}
			before := processorTime(b)
			b.ResetTimer()
			for b.Loop() {
				if rows, err := erase(New(store.New[store.SealedItem](m, table, one))); err != nil || rows != count {
					b.Fatalf("erased %d, %v", rows, err)
				}
			}
			b.ReportMetric((processorTime(b) - before).Seconds(), "cpu-s")
			b.ReportMetric(float64(m.requests.Load()), "requests")
			b.ReportMetric(float64(m.reads.Load())/2, "read-units")
			b.ReportMetric(float64(m.writes.Load())/2, "write-units")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
