package imports_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// statement draws a file of up to 120 rows over three months, in which many are equal.
func statement(t *rapid.T, bank string) imports.File {
	f := file(bank)
	at := time.Date(2026, 6, 20, 0, 0, 0, 0, time.UTC)
	for range rapid.IntRange(1, 40).Draw(t, "days") {
		at = at.AddDate(0, 0, rapid.IntRange(1, 3).Draw(t, "gap"))
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			amount := money.FromMinor(rapid.SampledFrom([]int64{-300, -300, 300, -1999}).Draw(t, "pence"), 2)
			text := rapid.SampledFrom([]string{"ACME SHOP", "COFFEE", "J SMITH"}).Draw(t, "text")
			f.Rows = append(f.Rows, imports.Row{At: at, Amount: amount, Description: text})
		}
	}
	return f
}

// part draws the rows of some whole days.
func part(t *rapid.T, f imports.File) imports.File {
	from := rapid.IntRange(0, len(f.Rows)-1).Draw(t, "from")
	to := rapid.IntRange(from, len(f.Rows)-1).Draw(t, "to")
	first, last := f.Rows[from].At, f.Rows[to].At
	f.Rows = slices.DeleteFunc(slices.Clone(f.Rows), func(r imports.Row) bool { return r.At.Before(first) || r.At.After(last) })
	return f
}

// Requests are lost, repeated, unanswered and refused at any place, and the client
// repeats them. In the end every row is there once, and the figures are right.
func TestImport_PartsWithFaults_EndAsTheWholeFile(t *testing.T) {
	stage, users := newStage(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		users++
		user, whole := fmt.Sprint("user", users), statement(rt, "monzo")
		faulty := &transactionstoretest.Faulty{Client: dynamotest.Client(t), Next: func() transactionstoretest.Fault {
			return transactionstoretest.Fault(rapid.IntRange(0, 2*int(transactionstoretest.Faults)).Draw(rt, "fault")) % (transactionstoretest.Faults + 1) % transactionstoretest.Faults
		}}
		s := stage.Through(faulty)
		for range rapid.IntRange(0, 2).Draw(rt, "parts") {
			_, _, _ = load(t.Context(), s, user, part(rt, whole)) // the client gives up
		}
		for attempt := 0; ; attempt++ {
			_, _, err := load(t.Context(), s, user, whole)
			if err == nil {
				break
			}
			if !errors.Is(err, transactionstoretest.ErrFault) && !errors.Is(err, store.ErrConflict) {
				rt.Fatal(err)
			}
			if attempt == 20 {
				faulty.Next = func() transactionstoretest.Fault { return transactionstoretest.None }
			}
		}
		if got := contents(t, stage.Store, user); !slices.Equal(got, expected(whole)) {
			rt.Fatalf("got %d rows, want %d", len(got), len(whole.Rows))
		}
		if created := mustLoad(t, stage.Store, user, whole); created != 0 {
			rt.Fatalf("%d rows were created again", created)
		}
		checkFigures(t, stage.Store, user)
	})
}

// The user edits and deletes rows between two imports.
func TestImport_EditedAndDeletedRows_StayAsTheUserLeftThem(t *testing.T) {
	stage := newStage(t)
	f := file("monzo", row(t, "2026-07-01", "-3", "COFFEE"), row(t, "2026-07-01", "-3", "COFFEE"), row(t, "2026-07-02", "-950", "J SMITH RENT"), row(t, "2026-07-03", "-20", "ACME"))
	mustLoad(t, stage.Store, "ada", f)
	var changes []transactionstore.Change
	for _, one := range transactions(t, stage.Store, "ada") {
		switch one.Text.Description {
		case "COFFEE":
			changes = append(changes, transactionstore.Edit(one.TransactionID, func(t *transactionstore.Transaction) error {
				t.SetDate(time.Date(2026, 8, 9, 0, 0, 0, 0, time.UTC))
				t.SetAmount(money.FromMinor(999, 2), false)
				t.Text.Description, t.Category = "Mine", "food"
				return nil
			}))
		case "ACME":
			changes = append(changes, transactionstore.Delete(one.TransactionID))
		}
	}
	_, err := stage.Apply(t.Context(), "ada", changes)
	must(t, err)
	before := contents(t, stage.Store, "ada")
	if created := mustLoad(t, stage.Store, "ada", f); created != 0 || !slices.Equal(contents(t, stage.Store, "ada"), before) {
		t.Errorf("%d were created, and there is %q", created, contents(t, stage.Store, "ada"))
	}
	checkFigures(t, stage.Store, "ada")
}

func TestImport_TwoAtOnce_AddEachRowOnce(t *testing.T) {
	stage := newStage(t)
	f := file("monzo")
	for i := range 250 {
		f.Rows = append(f.Rows, row(t, fmt.Sprintf("2026-%02d-15", 1+i%5), fmt.Sprintf("-%d", 1+i%40), "ACME"))
	}
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if _, _, err := load(t.Context(), stage.Store, "ada", f); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := contents(t, stage.Store, "ada"); !slices.Equal(got, expected(f)) {
		t.Errorf("%d rows, want %d", len(got), len(f.Rows))
	}
	checkFigures(t, stage.Store, "ada")
}

// Rows are edited and deleted while the file that has them is imported again.
func TestImport_WhileEditingAndDeleting_LosesNothing(t *testing.T) {
	stage := newStage(t)
	f := file("monzo")
	for i := range 120 {
		f.Rows = append(f.Rows, row(t, "2026-07-01", fmt.Sprintf("-%d", i+1), "ACME"))
	}
	first := f
	first.Rows = f.Rows[:60]
	mustLoad(t, stage.Store, "ada", first)
	stored := transactions(t, stage.Store, "ada")
	var all sync.WaitGroup
	all.Go(func() {
		if _, _, err := load(t.Context(), stage.Store, "ada", f); err != nil {
			t.Error(err)
		}
	})
	all.Go(func() {
		for i, one := range stored {
			change := transactionstore.Delete(one.TransactionID)
			if i%2 == 0 {
				change = transactionstore.Edit(one.TransactionID, func(t *transactionstore.Transaction) error { t.Category = "food"; return nil })
			}
			if _, err := stage.Apply(context.Background(), "ada", []transactionstore.Change{change}); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	edited := 0
	got := transactions(t, stage.Store, "ada")
	for _, one := range got {
		if one.Category == "food" {
			edited++
		}
	}
	if len(got) != 90 || edited != 30 {
		t.Errorf("%d rows and %d edited ones, want 90 and 30", len(got), edited)
	}
	checkFigures(t, stage.Store, "ada")
}

func TestImport_StatementAndCSVOfOneBank_AreOnePayment(t *testing.T) {
	stage := newStage(t)
	pdf := file("natwest", row(t, "2026-07-01", "-10.20", "Card Transaction 1234 30JUN26 C , ACME SHOP , LEEDS GB"), row(t, "2026-07-02", "-3", "COFFEE"))
	pdf.Source = transactionstore.Statement
	csv := file("natwest", row(t, "2026-07-01", "-10.20", "ACME SHOP"), row(t, "2026-07-02", "-3", "COFFEE"), row(t, "2026-07-03", "-3", "COFFEE"))
	if mustLoad(t, stage.Store, "ada", pdf) != 2 || mustLoad(t, stage.Store, "ada", csv) != 1 || mustLoad(t, stage.Store, "ada", csv) != 0 {
		t.Errorf("got %q", contents(t, stage.Store, "ada"))
	}
	other := file("monzo", csv.Rows...)
	if created := mustLoad(t, stage.Store, "ada", other); created != 3 {
		t.Errorf("of another bank, %d rows were created", created)
	}
}

// asStatement returns the rows of a file as the bank words them in its statements.
func asStatement(f imports.File) imports.File {
	f.Source, f.Rows = transactionstore.Statement, slices.Clone(f.Rows)
	for i := range f.Rows {
		f.Rows[i].Description = "Card Transaction 1234 30JUN26 C , " + f.Rows[i].Description + " , LEEDS GB"
	}
	return f
}

func TestImport_StatementAgainAfterCSV_AddsNothing(t *testing.T) {
	stage := newStage(t)
	coffee := row(t, "2026-07-01", "-3.50", "ACME COFFEE")
	one, two := file("natwest", coffee), file("natwest", coffee, coffee)
	for i, step := range []struct {
		file imports.File
		want int
	}{{one, 1}, {asStatement(two), 1}, {asStatement(two), 0}, {two, 0}, {asStatement(one), 0}, {one, 0}, {asStatement(two), 0}} {
		if created := mustLoad(t, stage.Store, "ada", step.file); created != step.want {
			t.Errorf("import %d: %d rows were created, want %d", i+1, created, step.want)
		}
	}
}

// CSV files and statements of one history come in any order, in parts and repeatedly.
func TestImport_CSVsAndStatementsInParts_AddUpToTheHistory(t *testing.T) {
	stage, users := newStage(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		users++
		user, whole := fmt.Sprint("user", users), statement(rt, "natwest")
		next := func(f imports.File) {
			if rapid.Bool().Draw(rt, "statement") {
				f = asStatement(f)
			}
			mustLoad(t, stage.Store, user, f)
		}
		for range rapid.IntRange(0, 4).Draw(rt, "parts") {
			f := part(rt, whole)
			if rapid.Bool().Draw(rt, "cut") { // of equal rows, an export within the day has the first ones
				f.Rows = f.Rows[:rapid.IntRange(1, len(f.Rows)).Draw(rt, "rows")]
			}
			next(f)
		}
		next(whole)
		next(whole)
		next(part(rt, whole))
		got, want := summed(contents(t, stage.Store, user)), summed(expected(whole))
		if !slices.Equal(got, want) {
			rt.Fatalf("got %q, want %q", got, want)
		}
		checkFigures(t, stage.Store, user)
	})
}

// summed returns contents with the words of the file in place of those of the statement.
func summed(all []string) []string {
	for i, one := range all {
		all[i] = strings.NewReplacer("Card Transaction 1234 30JUN26 C , ", "", " , LEEDS GB", "").Replace(one)
	}
	slices.Sort(all)
	return all
}

func TestPlan_Categories_ComeFromRulesThenTexts(t *testing.T) {
	stage := newStage(t)
	hashes, err := stage.MerchantHashes(t.Context(), "ada", "CARD PAYMENT TO ACME SHOP")
	must(t, err)
	known := rules{hashes[0]: {Category: "home"}}
	f := file("monzo", row(t, "2026-07-01", "-1", "ACME SHOP 3127"), row(t, "2026-07-01", "-2", "TESCO STORES 3127"), row(t, "2026-07-01", "-3", "LLAMA LTD"), row(t, "2026-07-01", "-4", "UBER *EATS"))
	f.Rows[3].Category = "travel"
	plan, err := imports.New(stage.Store, known, time.Now).Plan(t.Context(), "ada", f)
	must(t, err)
	var got []string
	for _, one := range plan.New {
		got = append(got, one.Category)
	}
	if strings.Join(got, " ") != "home groceries other travel" || plan.ByRule != 1 || plan.ByKeyword != 1 {
		t.Errorf("got %v, %d by rule, %d by text", got, plan.ByRule, plan.ByKeyword)
	}
}

func TestFileID_SameContent_IsSameFile(t *testing.T) {
	a, b := row(t, "2026-07-01", "-3", "COFFEE"), row(t, "2026-07-02", "-4", "TEA")
	changed := a
	changed.Amount, changed.Category = a.Amount.Neg(), "food"
	same := []imports.File{file("monzo", a, b), file("monzo", b, a), file("monzo", changed, b)}
	for _, f := range same {
		if f.ID() != same[0].ID() {
			t.Errorf("%+v is another file", f)
		}
	}
	for _, f := range []imports.File{file("hsbc", a, b), file("monzo", a), file("monzo", a, b, b), file("monzo", a, row(t, "2026-07-02", "-4", "TEAS"))} {
		if f.ID() == same[0].ID() {
			t.Errorf("%+v is the same file", f)
		}
	}
}
