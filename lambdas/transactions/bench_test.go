package transactions

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// fill gives a user so many transactions of an import, over five years.
func fill(t testing.TB, s *transactionstoretest.Stage, name string, n int) {
	t.Helper()
	shops := []string{"CARD PAYMENT TO TESCO STORES 3127", "Transport for London", "AMZNMktplace*2H4KL", "DIRECT DEBIT PAYMENT TO BRITISH GAS"}
	rows := make([]transactionstore.Transaction, n)
	for i := range rows {
		rows[i].Transaction = tables.Transaction{TransactionID: fmt.Sprintf("abcdefghijklmnop%06d", i), Category: "groceries", Source: transactionstore.CSV, Account: "monzo"}
		rows[i].SetDate(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i*1825/n))
		rows[i].SetAmount(money.FromMinor(int64(100+i%9000), 2), i%5 > 0)
		rows[i].Text = transactionstore.Texts{Description: fmt.Sprint(shops[i%4], " ", i), Merchant: shops[i%4], BankName: "Monzo"}
	}
	must(t, s.Fill(t.Context(), name, rows))
}

// The app asks for 18,000 transactions at once: six hundred for each of thirty months.
func BenchmarkList_18000(b *testing.B) {
	s := transactionstoretest.New(b)
	fill(b, s, "ada", 18_000)
	l := &list{transactions: s.Store}
	var size, packed int
	before := processorTime(b)
	for b.Loop() {
		response, err := l.List(b.Context(), user("ada"), listRequest{Limit: 18_000})
		must(b, err)
		body, err := json.Marshal(response)
		must(b, err)
		var buffer bytes.Buffer
		w := gzip.NewWriter(&buffer)
		_, err = w.Write(body)
		must(b, err)
		must(b, w.Close())
		size, packed = len(body), buffer.Len()
		b.ReportMetric(float64(len(response.Transactions)), "rows")
	}
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(size), "bytes")
	b.ReportMetric(float64(packed), "gzip-bytes")
}

// processorTime returns what the process has used of the processors. The engine is a
// process of its own.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestRowSize_Rows_TakeNoMore(t *testing.T) {
	yes := true
	full := transactionstore.Transaction{
		Transaction: tables.Transaction{TransactionID: "t", Category: "personal-care", Account: "monzo", Pending: true, ExcludeChoice: &yes, Amount: money.FromMinor(-100000000001, 2)},
		Text:        transactionstore.Texts{Description: "Fish & \"chips\" <3 \\", Merchant: "Café\u2028", BankName: "Monzo", Tags: []string{"a", "b\""}},
	}
	bare := transactionstore.Transaction{Transaction: tables.Transaction{TransactionID: "t", Category: "food", Account: defaultAccount}}
	expense := bare
	expense.Text.Receipt, expense.Text.Recurrence = json.RawMessage(`{"url":"https://x"}`), json.RawMessage(`{"r":true,"p":{"frequency":"weekly"}}`)
	for _, one := range []transactionstore.Transaction{full, bare, expense} {
		one.SetDate(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
		for _, response := range []any{responseOf(&one), expenseOf(&one)} {
			body, err := json.Marshal(response)
			must(t, err)
			if took := len(body) + 1 + bytes.Count(body, []byte(`"`)) + bytes.Count(body, []byte(`\`)); took > rowSize(&one) {
				t.Errorf("%s takes %d bytes, more than %d", body, took, rowSize(&one))
			}
		}
	}
}

func TestPage_MoreThanAResponseHolds_IsCutAndContinues(t *testing.T) {
	w := newWorld(t)
	rows := make([]transactionstore.Transaction, 600)
	text := bytes.Repeat([]byte(`<&"\`), 125)
	for i := range rows {
		rows[i].Transaction = tables.Transaction{TransactionID: fmt.Sprintf("t%04d", i), Category: "food", Source: transactionstore.Manual}
		rows[i].SetDate(w.at.AddDate(0, 0, -i))
		rows[i].Text = transactionstore.Texts{Description: string(text), Merchant: string(text)[:200], Tags: []string{string(text)[:50]}}
		for range 40 { // more than a request can have, to reach the limit with few rows
			rows[i].Text.Tags = append(rows[i].Text.Tags, string(text)[:50])
		}
	}
	must(t, w.stage.Fill(t.Context(), "ada", rows))
	seen, key, pages := 0, "", 0
	for {
		got := w.all("ada", listRequest{Limit: 20_000, StartKey: key})
		body, err := json.Marshal(got)
		must(t, err)
		escaped := len(body) + bytes.Count(body, []byte(`"`)) + bytes.Count(body, []byte(`\`))
		if escaped > 6<<20-4<<10 || escaped > maxPageBytes {
			t.Errorf("a page takes %d bytes", escaped)
		}
		seen, key, pages = seen+len(got.Transactions), got.NextKey, pages+1
		if key == "" {
			break
		}
	}
	if seen != len(rows) || pages < 2 {
		t.Errorf("%d rows in %d pages", seen, pages)
	}
}
