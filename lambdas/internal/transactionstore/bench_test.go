package transactionstore_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
)

// fill gives a user so many transactions over ten years and their figures, past Apply.
func fill(b *testing.B, s *transactionstoretest.Stage, user string, n int) {
	b.Helper()
	rows := make([]transactionstore.Transaction, n)
	for i := range rows {
		day := time.Date(2016, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, i*3650/n)
		rows[i] = spent(fmt.Sprintf("1783000000000-%026d", i), day.Format(time.DateOnly), int64(i%9999))
		rows[i].Account, rows[i].Text.Description = "manual", fmt.Sprint("Weekly shop at the corner ", i)
	}
	must(b, s.Fill(b.Context(), user, rows))
	figures, err := transactionstore.FigureItems(user, rows)
	must(b, err)
	must(b, s.Figures.WriteAll(b.Context(), figures, nil))
}

// A list reads as much as it returns, and a total reads a month's item for each month.
func BenchmarkReads(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		s := transactionstoretest.New(b)
		fill(b, s, "ada", n)
		faulty := &transactionstoretest.Faulty{Client: dynamotest.Client(b)}
		counted := s.Through(faulty)
		for name, read := range map[string]func() error{
			"list of 50": func() error {
				_, err := counted.List(b.Context(), "ada", transactionstore.Filter{}, 50, "")
				return err
			},
			"list of a month": func() error {
				_, err := counted.List(b.Context(), "ada", transactionstore.Filter{From: "2020-07-01", To: "2020-07-31"}, 5000, "")
				return err
			},
			"months": func() error { _, err := counted.Months(b.Context(), "ada", "", ""); return err },
			"create": func() error {
				_, err := counted.Apply(b.Context(), "ada", []transactionstore.Change{transactionstore.Create(spent(fmt.Sprint("new", time.Now().UnixNano()), "2026-01-01", 1))})
				return err
			},
		} {
			b.Run(fmt.Sprintf("%s/of %d", name, n), func(b *testing.B) {
				before, began := faulty.Calls.Load(), processorTime(b)
				for b.Loop() {
					must(b, read())
				}
				b.ReportMetric((processorTime(b)-began).Seconds()*1000/float64(b.N), "cpu-ms/op")
				b.ReportMetric(float64(faulty.Calls.Load()-before)/float64(b.N), "calls/op")
			})
		}
	}
}

// processorTime returns what the process has used of the processors. The engine is a
// process of its own.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// A row of an import takes so many bytes: an index holds them again.
func BenchmarkItemSize(b *testing.B) {
	s := transactionstoretest.New(b)
	row := spent("1783000000000-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "2026-07-01", 1234)
	row.Source, row.Account, row.ImportID, row.TextHash = transactionstore.CSV, "monzo", "1783000000000-ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789abcdefghijkl"
	row.Text.Original = "CARD PAYMENT TO TESCO STORES 3127,10.20 GBP, RATE 1.00/GBP ON 02-07-2026"
	apply(b, s.Store, "0b6f3a52-6a0e-4c3e-9d8e-0f5f3a0c9b11", transactionstore.Create(row))
	page, err := s.Items.Query(b.Context(), queryAll("0b6f3a52-6a0e-4c3e-9d8e-0f5f3a0c9b11"))
	must(b, err)
	var item map[string]any
	must(b, attributevalue.UnmarshalMap(page.Items[0], &item))
	size := 0
	for name, value := range item {
		switch v := value.(type) {
		case string:
			size += len(name) + len(v)
		case []byte:
			size += len(name) + len(v)
		default:
			size += len(name) + 8
		}
	}
	for b.Loop() {
	}
	b.ReportMetric(float64(size), "bytes")
}

// Erasures leave nothing of 20,000 transactions: with the account, and with the data while
// the account stays.
func BenchmarkErase_20000(b *testing.B) {
	for name, erase := range map[string]func(*transactionstoretest.Stage) (int, error){
		"the account": func(s *transactionstoretest.Stage) (int, error) {
			return erasure.New(s.Items, s.Figures).Erase(b.Context(), "ada")
		},
		"the data": func(s *transactionstoretest.Stage) (int, error) {
			return erasure.New(s.Items, s.Figures).EraseBefore(b.Context(), "ada", time.Now().Add(time.Second))
		},
	} {
		b.Run(name, func(b *testing.B) {
			s := transactionstoretest.New(b)
			fill(b, s, "ada", 20_000)
			kept := months(b, s.Store, "ada")
			for range b.N {
				erased, err := erase(s)
				must(b, err)
				if erased != 20_000+len(kept) {
					b.Errorf("%d items are erased", erased)
				}
			}
			for _, table := range []*store.Table[store.SealedItem]{s.Items, s.Figures} {
				left, err := table.Query(b.Context(), queryAll("ada"))
				must(b, err)
				if len(left.Items) > 0 {
					b.Errorf("%d items are left", len(left.Items))
				}
			}
		})
	}
}
