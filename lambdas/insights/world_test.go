package insights

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// at is in November 2026 in London: the basis is August to October.
var at = time.Date(2026, 11, 15, 12, 0, 0, 0, time.UTC)

func now() time.Time { return at }

// plan is the plan of every user.
type plan tables.Plan

func (p plan) Of(context.Context, function.Caller) (entitlement.Entitlement, error) {
	return entitlement.Entitlement{Plan: tables.Plan(p)}, nil
}

// row is a transaction of so many pounds, negative for a debit.
func row(id, day, category string, pounds int64) transactionstore.Transaction {
	made := transactionstore.Transaction{
		Transaction: tables.Transaction{TransactionID: id, Category: category, Source: transactionstore.CSV},
		Text:        transactionstore.Texts{Description: "About " + id, Merchant: "Shop of " + id},
	}
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	made.SetDate(date)
	made.SetAmount(money.FromMinor(pounds, 0).Abs(), pounds < 0)
	return made
}

// world is a stage with transactions of "ada".
type world struct {
	t     *testing.T
	stage *transactionstoretest.Stage
}

func newWorld(t *testing.T, rows ...transactionstore.Transaction) *world {
	t.Helper()
	w := &world{t, transactionstoretest.New(t)}
	w.add(rows...)
	return w
}

func (w *world) add(rows ...transactionstore.Transaction) {
	w.t.Helper()
	var changes []transactionstore.Change
	for _, one := range rows {
		changes = append(changes, transactionstore.Create(one))
	}
	_, err := w.stage.Apply(w.t.Context(), "ada", changes)
	testkit.Must(w.t, err)
}

func (w *world) savings() savingsResponse {
	w.t.Helper()
	response, err := (&savings{w.stage.Store, now}).List(w.t.Context(), function.Caller{UserID: "ada"}, function.NoInput{})
	testkit.Must(w.t, err)
	return response
}

func (w *world) analytics() *analyticsData {
	w.t.Helper()
	response, err := (&analytics{w.stage.Store, w.stage.Store, plan(tables.Premium), now}).Get(w.t.Context(), function.Caller{UserID: "ada"}, function.NoInput{})
	testkit.Must(w.t, err)
	if !response.Success {
		w.t.Errorf("got %+v", response)
	}
	return response.Data
}

// monthly returns a debit of a category in each month from August to October.
func monthly(category string, august, september, october int64) []transactionstore.Transaction {
	var rows []transactionstore.Transaction
	for i, pounds := range []int64{august, september, october} {
		if pounds != 0 {
			rows = append(rows, row(fmt.Sprintf("%s-%d", category, 8+i), fmt.Sprintf("2026-%02d-10", 8+i), category, -pounds))
		}
	}
	return rows
}
