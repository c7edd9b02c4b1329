package transactionstore_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// history is a random history of one user's transactions, and what is left of them
// when each change that is reported as made was made once.
type history struct {
	*rapid.T
	user string
	s    *transactionstore.Store
	want map[string]transactionstore.Transaction
	gone map[string]bool // imported and deleted
}

func draw[T any](h *history, name string, from ...T) T {
	return rapid.SampledFrom(from).Draw(h.T, name)
}

func (h *history) id() string { return fmt.Sprint("t", rapid.IntRange(0, 25).Draw(h.T, "id")) }

func (h *history) day() string {
	return draw(h, "day", "2025-12-31", "2026-01-01", "2026-01-15", "2026-02-28")
}

func (h *history) pence() int64 { return rapid.Int64Range(0, 99999).Draw(h.T, "pence") }

// transaction draws a new transaction.
func (h *history) transaction(id string) transactionstore.Transaction {
	made := spent(id, h.day(), 0)
	made.SetAmount(money.FromMinor(h.pence(), 2), rapid.Bool().Draw(h.T, "debit"))
	made.Category = draw(h, "category", "groceries", "income", "transfer")
	made.Source = draw(h, "source", transactionstore.Manual, transactionstore.CSV)
	return made
}

// edit draws a change of a transaction.
func (h *history) edit() func(*transactionstore.Transaction) error {
	edited := h.transaction("")
	choice := draw(h, "choice", new(bool), nil)
	if choice != nil {
		*choice = rapid.Bool().Draw(h.T, "excluded")
	}
	part := draw(h, "part", "amount", "date", "category", "exclusion", "type", "all", "nothing")
	return func(t *transactionstore.Transaction) error {
		if part == "amount" || part == "all" {
			t.SetAmount(edited.Amount, t.Debit())
		}
		if part == "date" || part == "all" {
			t.At, t.Day = edited.At, edited.Day
		}
		if part == "category" || part == "all" {
			t.Category = edited.Category
		}
		if part == "exclusion" || part == "all" {
			t.ExcludeChoice = choice
		}
		if part == "type" || part == "all" {
			t.SetAmount(t.Amount, edited.Debit())
		}
		return nil
	}
}

// changes draws changes of some transactions, each once.
func (h *history) changes(max int) []transactionstore.Change {
	var all []transactionstore.Change
	for range rapid.IntRange(1, max).Draw(h.T, "changes") {
		id := h.id()
		switch draw(h, "kind", "create", "create", "edit", "delete") {
		case "create":
			all = append(all, transactionstore.Create(h.transaction(id)))
		case "edit":
			all = append(all, transactionstore.Edit(id, h.edit()))
		case "delete":
			all = append(all, transactionstore.Delete(id))
		}
	}
	return transactionstore.OncePerID(all)
}

// untilDone makes changes as a client or a job does that repeats what failed.
func (h *history) untilDone(changes []transactionstore.Change) {
	for range 200 {
		_, err := h.s.Apply(context.Background(), h.user, changes)
		if err == nil {
			return
		}
		if !errors.Is(err, transactionstoretest.ErrFault) && !errors.Is(err, store.ErrConflict) {
			h.Fatal(err)
		}
	}
	h.Fatal("the changes were never made")
}

// expect makes the changes in memory.
func (h *history) expect(changes []transactionstore.Change) {
	for _, change := range changes {
		transactionstore.Play(change, h.want, h.gone)
	}
}

func (h *history) check() {
	page, err := h.s.List(context.Background(), h.user, transactionstore.Filter{}, 1000, "")
	if err != nil {
		h.Fatal(err)
	}
	if len(page.Transactions) != len(h.want) {
		h.Fatalf("%d transactions are stored, not %d", len(page.Transactions), len(h.want))
	}
	income, spend, net := money.Amount{}, money.Amount{}, money.Amount{}
	for _, got := range page.Transactions {
		want := h.want[got.TransactionID]
		if !got.Amount.Equal(want.Amount) || got.Day != want.Day || got.Category != want.Category {
			h.Fatalf("%s is %s on %s in %s, not %s on %s in %s", got.TransactionID, got.Amount, got.Day, got.Category, want.Amount, want.Day, want.Category)
		}
		net = net.Add(got.Amount)
		switch {
		case got.Excluded:
		case got.Debit():
			spend = spend.Add(got.Amount.Abs())
		default:
			income = income.Add(got.Amount)
		}
	}
	months, err := h.s.Months(context.Background(), h.user, "", "")
	if err != nil {
		h.Fatal(err)
	}
	count := 0
	for _, m := range months {
		count += m.Count
		income, spend, net = income.Sub(m.Income), spend.Sub(m.Spend), net.Sub(m.Net())
	}
	if count != len(h.want) || !income.IsZero() || !spend.IsZero() || !net.IsZero() {
		h.Fatalf("the figures count %d of %d; income, spend and balance are off by %s, %s and %s", count, len(h.want), income, spend, net)
	}
	differences, err := h.s.Repair(context.Background(), h.user, false)
	if err != nil || len(differences) > 0 {
		h.Fatalf("the figures differ: %v, %v", differences, err)
	}
}

// For random histories of creations, edits, deletions, imports and bulk changes, with
// requests that are lost, unanswered or repeated, and repeated by the client: each change
// is made once, and the kept figures are what the transactions add up to.
func TestApply_RandomHistoriesWithFaults_KeepFigures(t *testing.T) {
	stage, users := transactionstoretest.New(t), 0
	rapid.Check(t, func(r *rapid.T) {
		users++
		faulty := &transactionstoretest.Faulty{Client: dynamotest.Client(t)}
		h := &history{r, fmt.Sprint("user-", users), stage.Through(faulty), map[string]transactionstore.Transaction{}, map[string]bool{}}
		faulty.Next = func() transactionstoretest.Fault {
			return transactionstoretest.Fault(rapid.IntRange(-3, int(transactionstoretest.Faults)-1).Draw(r, "fault"))
		}
		for range rapid.IntRange(1, 8).Draw(r, "steps") {
			changes := h.changes(draw(h, "size", 1, 1, 20))
			h.untilDone(changes)
			h.expect(changes)
		}
		h.check()
	})
}
