package bills

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

var spring = []dates.Day{"2026-03-05", "2026-04-07", "2026-05-05", "2026-06-05"}

func TestRun_PaymentsOfAMerchant_AreListedAsABill(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring[:3]...)
	w.pay("NETFLIX.COM", 1099, spring[3], "2026-07-06")
	w.pay("SQ *CORNER CAFE", 320, "2026-06-01", "2026-06-03", "2026-06-04")
	w.at = time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC)
	w.run()
	all := w.list()
	if len(all) != 1 {
		t.Fatalf("got %+v", all)
	}
	got := all[0]
	if got.ID != "bill_netflix_com_monthly" || got.Name != "NETFLIX.COM" || got.Amount.String() != "10.99" || got.Frequency != "monthly" || got.Category != "Subscriptions" ||
		got.NextDueDate != "2026-08-05" || got.LastPaymentDate != "2026-07-06" || got.Status != "active" || len(got.Transactions) != 5 || got.DayOfMonth != 5 {
		t.Errorf("got %+v", got)
	}
	bills, err := w.store.Read(t.Context(), "ada", "2026-07-08")
	must(t, err)
	if rises := bills.RisenSince("2026-06-01"); len(rises) != 1 || rises[0].Change.From.String() != "9.99" || rises[0].Change.Day != "2026-06-05" || len(bills.RisenSince("2026-06-06")) != 0 {
		t.Errorf("rises: %+v", rises)
	}
	if due := bills.DueWithin(28); len(due) != 1 || len(bills.DueWithin(27)) != 0 {
		t.Errorf("due: %+v", due)
	}
}

// The rows of an import with one merchant are one group, and a change of the merchant
// concerns both.
func TestMerchantsOf_Changes_AreGroupedByUserAndMerchants(t *testing.T) {
	state := func(hash string) *transactions.TransactionState {
		return &transactions.TransactionState{MerchantHash: hash}
	}
	for want, change := range map[string]transactions.TransactionChanged{
		"ada#a":   {UserID: "ada", Before: state("a"), After: state("a")},
		"ada#b":   {UserID: "ada", After: state("b")},
		"ada#c":   {UserID: "ada", Before: state("c")},
		"ada#a#b": {UserID: "ada", Before: state("a"), After: state("b")},
		"":        {UserID: "ada", Before: state(""), After: state("")},
	} {
		if got := merchantsOf(change); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A detection reads the payments to its merchant only, whatever else the user has.
func TestRun_LongHistory_CostsTheSame(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	change := w.changes[0]
	w.run()
	counted := func() int64 {
		faulty := &transactionstoretest.Faulty{Client: dynamotest.Client(t)}
		must(t, (&detect{w.transactions.Through(faulty), w.store, w.guard}).Run(t.Context(), change))
		return faulty.Calls.Load()
	}
	before := counted()
	rows := make([]transactionstore.Transaction, 3000)
	for i := range rows {
		rows[i].TransactionID, rows[i].Category, rows[i].Source = fmt.Sprint("other-", i), "other", transactionstore.Manual
		rows[i].Text.Description = fmt.Sprintf("SHOP %c%c%c", 'A'+i%26, 'A'+i/26%26, 'A'+i/676)
		rows[i].SetDate(w.at.AddDate(0, 0, -i))
	}
	must(t, w.transactions.Fill(t.Context(), "ada", rows))
	if after := counted(); before != 1 || after != 1 {
		t.Errorf("a detection reads %d times, and %d times with 3,000 other transactions", before, after)
	}
}

// rival is a DynamoDB in which something happens after the next query.
type rival struct {
	store.Client
	after func()
}

func (r *rival) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := r.Client.Query(ctx, in, options...)
	if after := r.after; after != nil {
		r.after = nil
		after()
	}
	return out, err
}

// Of two detections of a merchant at once, the one that read the transactions before the
// other wrote is refused, so that its message comes again.
func TestRun_AnotherDetectionCameBetween_IsRefused(t *testing.T) {
	for name, days := range map[string][]dates.Day{"the first bill": nil, "a known bill": spring[:3]} {
		w := newWorld(t)
		w.pay("NETFLIX.COM", 999, days...)
		w.run()
		w.pay("NETFLIX.COM", 999, spring[len(days):]...)
		change := w.changes[0]
		client := &rival{Client: dynamotest.Client(t), after: func() {
			w.pay("NETFLIX.COM", 999, "2026-07-06")
			w.run()
		}}
		slow := &detect{w.transactions.Through(client), w.store, w.guard}
		if err := slow.Run(t.Context(), change); !errors.Is(err, store.ErrConditionFailed) {
			t.Errorf("%s: got %v", name, err)
		}
		if all := w.list(); len(all) != 1 || len(all[0].Transactions) != 5 {
			t.Errorf("%s: got %+v", name, all)
		}
	}
}

// A bill keeps its id when it is detected again, ends when payments stop, and goes when
// its payments are deleted.
func TestRun_Again_KeepsIDsAndForgetsDeletedPayments(t *testing.T) {
	w := newWorld(t)
	ids := w.pay("APPLE.COM/BILL", 99, "2026-03-03", "2026-04-03", "2026-05-03")
	w.run()
	first := w.list()[0].ID
	w.pay("APPLE.COM/BILL", 1099, "2026-02-20", "2026-03-20", "2026-04-20", "2026-05-20")
	w.run()
	all := w.list()
	if len(all) != 2 || all[0].ID == all[1].ID || all[0].ID != first && all[1].ID != first {
		t.Fatalf("got %+v", all)
	}
	for _, bill := range all {
		if (bill.ID == first) != (bill.Amount.String() == "0.99") {
			t.Errorf("ids are swapped: %+v", all)
		}
	}
	for _, id := range ids {
		w.apply(transactionstore.Delete(id))
	}
	w.run()
	if all := w.list(); len(all) != 1 || all[0].ID == first {
		t.Errorf("got %+v", all)
	}
	w.at = w.at.AddDate(0, 3, 0)
	if got := w.list()[0]; got.Status != "cancelled" {
		t.Errorf("after three months it is %s", got.Status)
	}
}

func TestNameOf_TextsOfBanks_AreShownAsTheMerchant(t *testing.T) {
	for text, want := range map[string]string{
		"NETFLIX.COM": "NETFLIX.COM", "Acme Gym": "Acme Gym", "SQ *CORNER CAFE": "Corner Cafe",
		"CARD PAYMENT TO FILMHOUSE.COM,11.99 GBP, RATE 1.00/GBP ON 05-01-2026": "Filmhouse.com",
	} {
		if got := nameOf(text); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}

func TestRun_TransfersCashAndRefunds_AreNoBills(t *testing.T) {
	w := newWorld(t)
	w.pay("To A/C 12345678 Via Mobile Xfer", 20000, spring...)
	w.pay("LNK HIGH ST CD 1234 02JUL26", 5000, spring...)
	w.pay("EMPLOYER LTD", -200000, spring...)
	w.run()
	if all := w.list(); len(all) != 0 {
		t.Errorf("got %+v", all)
	}
}

// Nothing is written for an account that was erased before the message comes.
func TestRun_AfterErasure_WritesNothing(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	must(t, w.users.Delete(t.Context(), store.Key{"ada"}))
	// The data key was read before the erasure. The message comes again, and finds no key.
	if err := w.detect().Run(t.Context(), w.changes[0]); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("got %v", err)
	}
	if text := dynamotest.Text(t, w.records.Name); strings.Contains(text, "ada") {
		t.Errorf("stored %s", text)
	}
	gone := transactions.TransactionChanged{UserID: "gone", After: &transactions.TransactionState{MerchantHash: "hash"}}
	must(t, w.detect().Run(t.Context(), gone))
}

// Payments that are being erased are detected no more, and the message comes again.
func TestRun_DuringAnErasure_WritesNothingUntilItsEnd(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	boundary := w.at.Add(-time.Minute)
	w.accounts.Begin(t, "ada", boundary)
	if err := w.detect().Run(t.Context(), w.changes[0]); !errors.Is(err, erasure.ErrUnfinished) {
		t.Errorf("got %v", err)
	}
	if text := dynamotest.Text(t, w.records.Name); text != "[]" {
		t.Errorf("stored %s", text)
	}
	w.accounts.End(t, "ada", boundary, w.at.Add(-time.Second))
	w.run()
	if len(w.list()) != 1 {
		t.Errorf("listed are %v", w.list())
	}
}

// No text of the user is readable.
func TestRun_StoredBills_HaveNoReadableText(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill("day_pattern_acme_day3", "ACME GYMNASIUM", "2026-06-20", 25)))
	w.command(`{"action":"create","billId":"acme-gymnasium-25.00","customName":"ACME GYMNASIUM","isIgnored":true}`)
	text := strings.ToLower(dynamotest.Text(t, w.records.Name))
	for _, word := range []string{"netflix", "acme", "gymnasium", "desk"} {
		if strings.Contains(text, word) {
			t.Errorf("%q is readable in %s", word, text)
		}
	}
}

func deviceBill(id, merchant, due string, amount int) string {
	return fmt.Sprintf(`{"id":%q,"name":%q,"merchant":%q,"amount":%d,"frequency":"monthly","category":"Health","nextDueDate":%q,"status":"active","bankName":"Desk Bank",
		"transactions":[{"id":"x","amount":-%d,"date":"2026-05-02T23:00:00.000Z","description":"desk"},{"id":"y","amount":-%d,"date":"2026-04-03"}]}`,
		id, merchant, merchant, amount, due, amount, amount)
}

func TestSaveFound_Requests_AreTakenOrRefused(t *testing.T) {
	good := deviceBill("a", "ACME", "2026-06-20", 25)
	for change, taken := range map[[2]string]bool{
		{"", ""}: true, {`"2026-06-20"`, `"soon"`}: true, {"monthly", "fortnightly"}: false, {`"active"`, `"dead"`}: false, {`"merchant":"ACME"`, `"merchant":""`}: false,
		{`-25`, `25`}: true, {`"2026-04-03"`, `"?"`}: true, {`"amount":25,`, ``}: false,
	} {
		if _, err := routetest.Read[foundRequest](`{"bills":[`+strings.Replace(good, change[0], change[1], 1)+`]}`, nil); (err == nil) != taken {
			t.Errorf("%v: got %v", change, err)
		}
	}
}
