package bills

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

type account struct {
	UserID string `dynamodbav:"userId"`
}

// world is a stage with the accounts of "ada" and "eve", and a clock that tests move.
type world struct {
	t            *testing.T
	transactions *transactionstoretest.Stage
	records      sealedtest.Table[tables.BillRecord]
	store        *billstore.Store
	users        *store.Table[account]
	guard        *erasure.Guard
	accounts     erasuretest.Accounts              // of the guard
	changes      []transactions.TransactionChanged // that no detection has seen
	at           time.Time
	rows         int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, transactions: transactionstoretest.New(t), records: sealedtest.New[tables.BillRecord](t, tables.Bills, "ada", "eve")}
	w.at = time.Date(2026, 6, 17, 9, 0, 0, 0, time.UTC)
	w.store = billstore.New(w.records.Table, w.records.Raw, w.now)
	users := dynamotest.Table(t, tables.Users)
	w.users = store.New[account](dynamotest.Client(t), users, tables.Users)
	must(t, w.users.WriteAll(t.Context(), []account{{"ada"}, {"eve"}}, nil))
	w.guard, w.accounts = erasure.NewGuard(dynamotest.Client(t), users), erasuretest.Of(t, users)
	return w
}

func (w *world) now() time.Time { return w.at }

func (w *world) edit() *edit { return &edit{w.store} }

func (w *world) detect() *detect { return &detect{w.transactions.Store, w.store, w.guard} }

// pay stores payments of ada to a merchant, and returns their ids.
func (w *world) pay(merchant string, pence int64, days ...dates.Day) (ids []string) {
	w.t.Helper()
	for _, day := range days {
		w.rows++
		made := transactionstore.Transaction{Text: transactionstore.Texts{Description: merchant, Merchant: merchant}}
		made.TransactionID, made.Category, made.Source = fmt.Sprintf("t%03d", w.rows), "subscriptions", transactionstore.Manual
		at, err := time.Parse(time.DateOnly, string(day))
		must(w.t, err)
		made.SetDate(at)
		made.SetAmount(money.FromMinor(max(pence, -pence), 2), pence > 0)
		w.apply(transactionstore.Create(made))
		ids = append(ids, made.TransactionID)
	}
	return ids
}

// apply makes a change.
func (w *world) apply(change transactionstore.Change) {
	w.t.Helper()
	results, err := w.transactions.Apply(w.t.Context(), "ada", []transactionstore.Change{change})
	must(w.t, err)
	changed := results[0].Transaction
	state := &transactions.TransactionState{Day: changed.Day, MerchantHash: changed.MerchantHash}
	w.changes = append(w.changes, transactions.TransactionChanged{UserID: "ada", TransactionID: changed.TransactionID, After: state})
}

// run has the changes consumed in one batch.
func (w *world) run() {
	w.t.Helper()
	seen := map[string]bool{}
	for _, change := range w.changes {
		if group := merchantsOf(change); !seen[group] {
			seen[group] = true
			must(w.t, w.detect().Run(w.t.Context(), change))
		}
	}
	w.changes = nil
}

func (w *world) list() []billResponse {
	w.t.Helper()
	response, err := (&list{w.store}).Bills(w.t.Context(), caller("ada"), function.NoInput{})
	must(w.t, err)
	if response.Count != len(response.Bills) {
		w.t.Errorf("%d are %d", len(response.Bills), response.Count)
	}
	for _, bill := range response.Bills {
		if len(bill.Transactions) < 2 || bill.NextDueDate < w.store.Today() || bill.UpdatedAt == 0 {
			w.t.Errorf("the app cannot show %+v", bill)
		}
	}
	return response.Bills
}

func (w *world) preferences() []preferenceResponse {
	w.t.Helper()
	response, err := (&list{w.store}).Preferences(w.t.Context(), caller("ada"), function.NoInput{})
	must(w.t, err)
	return response.Preferences
}

func (w *world) command(body string) commandResponse {
	w.t.Helper()
	response, err := w.edit().Command(w.t.Context(), caller("ada"), routetest.MustRead[commandRequest](w.t, body, nil))
	must(w.t, err)
	return response
}

func (w *world) update(id, body string) {
	w.t.Helper()
	in := routetest.MustRead(w.t, body, func(in *updatePreferenceRequest) { in.BillID = id })
	_, err := w.edit().UpdatePreference(w.t.Context(), caller("ada"), in)
	must(w.t, err)
}

func (w *world) save(body string) savedBillsResponse {
	w.t.Helper()
	response, err := w.edit().SaveFound(w.t.Context(), caller("ada"), routetest.MustRead[foundRequest](w.t, body, nil))
	must(w.t, err)
	return response
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
