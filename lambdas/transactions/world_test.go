package transactions

import (
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/idempotency"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is a stage with transactions, and a clock that tests move.
type world struct {
	t       *testing.T
	stage   *transactionstoretest.Stage
	records *idempotency.Records
	rules   *categoryrules.Rules
	at      time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, stage: transactionstoretest.New(t), at: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}
	w.rules = categoryrules.New(store.New[tables.CategoryRule](dynamotest.Client(t), dynamotest.Table(t, tables.CategoryRules), tables.CategoryRules))
	w.records = routetest.Records(t)
	return w
}

func (w *world) now() time.Time    { return w.at }
func (w *world) edit() *edit       { return &edit{w.stage.Store, w.rules, w.now} }
func (w *world) list() *list       { return &list{transactions: w.stage.Store} }
func (w *world) get() *get         { return &get{w.stage.Store} }
func (w *world) summary() *summary { return &summary{w.stage.Store, w.now} }

func user(name string) function.Caller { return function.Caller{UserID: name} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const coffee = `{"amount":-3.5,"originalAmount":3.5,"description":"Flat white","category":"Food & Dining","type":"debit","date":"2026-06-30T23:00:00.000Z",
	"merchant":"Café Zoë","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`

// create creates a transaction and returns it as the response has it.
func (w *world) create(name, body string) transactionResponse {
	w.t.Helper()
	made, err := routetest.Once(w.t, w.records, user(name), w.edit().Create, routetest.MustRead[createRequest](w.t, body, nil))
	must(w.t, err)
	w.at = w.at.Add(time.Minute)
	return made.Transaction
}

func (w *world) update(name, id, body string) (transactionResponse, error) {
	w.t.Helper()
	in := routetest.MustRead(w.t, body, func(in *updateRequest) { in.ID = id })
	saved, err := w.edit().Update(w.t.Context(), user(name), in)
	return saved.Transaction, err
}

func (w *world) all(name string, in listRequest) listResponse {
	w.t.Helper()
	response, err := w.list().List(w.t.Context(), user(name), in)
	must(w.t, err)
	return response
}

func (w *world) totals(name string) balanceSummary {
	w.t.Helper()
	response, err := w.summary().Get(w.t.Context(), user(name), function.NoInput{})
	must(w.t, err)
	return response.Summary
}
