package imports_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/categoryrules"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// rules are the rules of every user.
type rules categoryrules.Set

func (r rules) All(context.Context, string) (categoryrules.Set, error) {
	return categoryrules.Set(r), nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func pounds(t testing.TB, text string) money.Amount {
	t.Helper()
	amount, err := money.Parse(text)
	must(t, err)
	return amount
}

func row(t testing.TB, day, amount, text string) imports.Row {
	at, err := time.Parse(time.DateOnly, day)
	must(t, err)
	return imports.Row{At: at, Amount: pounds(t, amount), Description: text, Category: "other"}
}

func file(bank string, rows ...imports.Row) imports.File {
	return imports.File{Source: transactionstore.CSV, Bank: bank, BankName: bank, Rows: rows}
}

// load imports a file as a request does, and returns the plan and how many rows were
// created.
func load(ctx context.Context, s *transactionstore.Store, user string, f imports.File) (imports.Plan, int, error) {
	importer := imports.New(s, rules{}, time.Now)
	plan, err := importer.Plan(ctx, user, f)
	if err != nil {
		return plan, 0, err
	}
	written, err := importer.Write(ctx, user, plan.New, time.Now().Add(time.Minute))
	if err != nil {
		return plan, written.Created, err
	}
	return plan, written.Created, importer.LinkTransfers(ctx, user, plan.From, plan.To)
}

func mustLoad(t testing.TB, s *transactionstore.Store, user string, f imports.File) int {
	t.Helper()
	_, created, err := load(t.Context(), s, user, f)
	must(t, err)
	return created
}

// contents are the user's transactions, in any order.
func contents(t testing.TB, s *transactionstore.Store, user string) (all []string) {
	t.Helper()
	for _, one := range transactions(t, s, user) {
		all = append(all, fmt.Sprint(one.Account, " ", one.Day, " ", one.Amount, " ", one.Text.Description))
	}
	slices.Sort(all)
	return all
}

func transactions(t testing.TB, s *transactionstore.Store, user string) []*transactionstore.Transaction {
	t.Helper()
	page, err := s.List(context.Background(), user, transactionstore.Filter{}, 10_000, "")
	must(t, err)
	return page.Transactions
}

func expected(files ...imports.File) (all []string) {
	for _, f := range files {
		for _, r := range f.Rows {
			all = append(all, fmt.Sprint(f.Bank, " ", r.At.Format(time.DateOnly), " ", r.Amount, " ", r.Description))
		}
	}
	slices.Sort(all)
	return all
}

// checkFigures fails the test unless the kept figures are those of the transactions.
func checkFigures(t testing.TB, s *transactionstore.Store, user string) {
	t.Helper()
	differences, err := s.Repair(context.Background(), user, false)
	if err != nil || len(differences) > 0 {
		t.Fatalf("the figures differ: %v, %v", differences, err)
	}
}

func newStage(t testing.TB) *transactionstoretest.Stage { return transactionstoretest.New(t) }
