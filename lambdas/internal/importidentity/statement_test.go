package importidentity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// ledger is a user's stored rows, as an import keeps them.
type ledger struct {
	stored map[Key]Stored
	rows   map[Key]Row
}

func newLedger() *ledger { return &ledger{map[Key]Stored{}, map[Key]Row{}} }

// load imports a file and returns how many rows were new.
func (l *ledger) load(scope string, rows []Row) (added int) {
	file := NewFile(scope, rows)
	known := map[Key]Stored{}
	for _, key := range file.Keys() {
		if s, is := l.stored[key]; is {
			known[key] = s
		}
	}
	for i, d := range file.Decide(known) {
		if _, is := l.stored[d.Key]; is != d.Duplicate {
			panic(fmt.Sprintf("row %d %+v: duplicate %v, stored %v", i, d.Key, d.Duplicate, is))
		}
		if !d.Duplicate {
			l.stored[d.Key], l.rows[d.Key] = Stored{Debit: rows[i].debit()}, rows[i]
			added++
		}
	}
	return added
}

// contents are the live rows, in any order.
func (l *ledger) contents() []string {
	var all []string
	for key, row := range l.rows {
		if !l.stored[key].Deleted {
			all = append(all, describe(row))
		}
	}
	slices.Sort(all)
	return all
}

func describe(r Row) string { return fmt.Sprint(r.Day, " ", r.Amount, " ", strings.ToLower(r.Text)) }

func contentsOf(rows []Row) []string {
	all := make([]string, len(rows))
	for i, r := range rows {
		all[i] = describe(r)
	}
	slices.Sort(all)
	return all
}

func row(day, amount, text string) Row {
	parsed, err := money.Parse(amount)
	if err != nil {
		panic(err)
	}
	return Row{dates.Day(day), parsed, text}
}

// statement draws a statement: few texts, amounts and days, so that rows are often
// equal, purchases have refunds of their day, and transfers have the text of others. At
// least one row of each day is ordinary.
func statement(t *rapid.T) (rows []Row) {
	texts := []string{"ACME SHOP", "Blue Door Cafe", "J SMITH RENT", "Round-up", "To A/C 12345678 Via Mobile Xfer", "J Smith's dinner"}
	day := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	for range rapid.IntRange(1, 6).Draw(t, "days") {
		day = day.AddDate(0, 0, rapid.IntRange(1, 4).Draw(t, "gap"))
		rows = append(rows, draw(t, day, texts[:3]))
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			rows = append(rows, draw(t, day, texts))
		}
	}
	if rapid.Bool().Draw(t, "newest first") {
		slices.Reverse(rows)
	}
	return rows
}

func draw(t *rapid.T, day time.Time, texts []string) Row {
	amount := money.FromMinor(rapid.SampledFrom([]int64{300, 300, 299, 5000, 1}).Draw(t, "pence"), 2)
	if rapid.IntRange(0, 3).Draw(t, "sign") > 0 {
		amount = amount.Neg()
	}
	return Row{dates.DayOf(day), amount, rapid.SampledFrom(texts).Draw(t, "text")}
}

// cut draws a part of a statement that has whole days only, as banks export it.
func cut(t *rapid.T, rows []Row) []Row {
	days := slices.Compact(slices.Sorted(func(yield func(dates.Day) bool) {
		for _, r := range rows {
			if !yield(r.Day) {
				return
			}
		}
	}))
	from := rapid.SampledFrom(days).Draw(t, "from")
	to := rapid.SampledFrom(days).Draw(t, "to")
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Day < min(from, to) || r.Day > max(from, to) })
}

func TestDecide_SameFileTwice_AddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		if added := l.load("monzo", rows); added != len(rows) {
			t.Fatalf("of %d rows, %d were added", len(rows), added)
		}
		again := rapid.Permutation(rows).Draw(t, "again")
		if added := l.load("monzo", again); added != 0 {
			t.Fatalf("the same file added %d rows", added)
		}
		if got := l.contents(); !slices.Equal(got, contentsOf(rows)) {
			t.Fatalf("got %q", got)
		}
	})
}

func TestDecide_OverlappingFiles_AddOnlyWhatIsNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		for range rapid.IntRange(0, 4).Draw(t, "cuts") {
			l.load("monzo", cut(t, rows))
		}
		l.load("monzo", rows)
		if got := l.contents(); !slices.Equal(got, contentsOf(rows)) {
			t.Fatalf("got %q, want %q", got, contentsOf(rows))
		}
	})
}

// A file that ends or begins within a day is completed by the file with the whole day.
func TestDecide_PartOfDayThenWholeDay_AddsTheMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		from := rapid.IntRange(0, len(rows)).Draw(t, "from")
		l.load("monzo", rows[from:rapid.IntRange(from, len(rows)).Draw(t, "to")])
		l.load("monzo", rows)
		if got := l.contents(); !slices.Equal(got, contentsOf(rows)) {
			t.Fatalf("got %q, want %q", got, contentsOf(rows))
		}
	})
}

// The signs of rows are changed on the device before the second import, or before the
// first.
func TestDecide_SignsChangedOnDevice_AreRecognised(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		changed := slices.Clone(rows)
		for i := range changed {
			if rapid.Bool().Draw(t, "changed") {
				changed[i].Amount = changed[i].Amount.Neg()
			}
		}
		l.load("monzo", changed)
		if added := l.load("monzo", rows); added != 0 {
			t.Fatalf("%d rows were added", added)
		}
		if got := l.contents(); !slices.Equal(got, contentsOf(changed)) {
			t.Fatalf("got %q", got)
		}
	})
}

func TestDecide_DeletedRows_DoNotComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		l.load("monzo", cut(t, rows))
		for key := range l.stored {
			if key.Amount == "3" {
				l.stored[key] = Stored{Deleted: true}
			}
		}
		left := l.contents()
		added := l.load("monzo", rows)
		if again := l.load("monzo", rows); again != 0 || len(l.contents()) != len(left)+added || len(l.stored) != len(rows) {
			t.Fatalf("%d were left, %d added, %d again, and there are %d", len(left), added, again, len(l.contents()))
		}
	})
}

func TestDecide_TwoBanks_KeepTheirOwnRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, l := statement(t), newLedger()
		if l.load("monzo", rows) != len(rows) || l.load("hsbc", rows) != len(rows) {
			t.Fatal("rows of two banks count as one")
		}
	})
}

// Both accounts at one bank have a leg with the same text, day and amount.
func TestDecide_LegsAtOneBank_BothStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out, l := statement(t), newLedger()
		for i := range out {
			if out[i].Text == "ACME SHOP" || out[i].Text == "Blue Door Cafe" || strings.HasPrefix(out[i].Text, "J ") {
				out[i].Text += " A"
				continue
			}
			out[i].Amount = out[i].Amount.Abs().Neg()
		}
		in := slices.Clone(out)
		for i := range in {
			in[i].Text = strings.TrimSuffix(in[i].Text, " A")
			in[i].Amount = in[i].Amount.Neg()
		}
		if l.load("monzo", out) != len(out) || l.load("monzo", in) != len(in) {
			t.Fatal("a leg is taken for the other")
		}
	})
}
