package statements_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statements"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// seeds is how many statements of each layout the round trips read: more than 1,000 in all.
const seeds = 80

// pdfs reads the files of all tests: PDFium is compiled once.
var pdfs = sync.OnceValue(func() *pdftext.Reader {
	reader, err := pdftext.New("")
	if err != nil {
		panic(err)
	}
	return reader
})

func read(t *testing.T, file []byte) (statements.Statement, error) {
	t.Helper()
	pages, err := pdfs().Read(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	return statements.Read(t.Context(), pages)
}

// difference returns how a statement differs from what was printed, or nothing.
func difference(made statementtest.Statement, read statements.Statement) string {
	rows := rowsOf(made)
	switch {
	case read.Issuer != made.Issuer:
		return "issuer " + read.Issuer
	case read.Account != made.Account:
		return "account " + read.Account + ", not " + made.Account
	case len(read.Rows) != len(rows):
		return fmt.Sprintf("%d rows, not %d", len(read.Rows), len(rows))
	}
	for i, row := range rows {
		got := read.Rows[i]
		if !got.Date.Equal(row.Date) || !got.Amount.Equal(money.FromMinor(row.Pence, 2)) || got.Code != row.Code || joined(got.Lines) != joined(row.Lines) {
			return fmt.Sprintf("row %d is %+v, not %+v", i, got, row)
		}
	}
	return ""
}

func rowsOf(made statementtest.Statement) []statementtest.Row {
	var rows []statementtest.Row
	for _, section := range made.Sections {
		rows = append(rows, section.Rows...)
	}
	return rows
}

// joined returns a text with single spaces.
func joined(lines []string) string {
	return strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
}

// A statement without transactions may be refused: where nothing follows the opening balance, nothing proves
// that the table was found. One that says no year is refused.
func TestRead_GeneratedStatements_EveryRowIsRight(t *testing.T) {
	total, correct := 0, 0
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(seeds) {
			made := statementtest.New(bank, seed)
			total++
			got, err := read(t, made.PDF())
			if err != nil {
				if len(rowsOf(made)) > 0 && !made.Undated || !errors.Is(err, statements.ErrUnproven) {
					t.Errorf("%s, seed %d: %v", bank, seed, err)
				}
				continue
			}
			correct++
			if wrong := difference(made, got); wrong != "" {
				t.Errorf("%s, seed %d: %s", bank, seed, wrong)
			}
		}
	}
	t.Logf("%d statements of %d layouts, %d read", total, len(statementtest.Banks()), correct)
}

// Some tables can be read by their headings alone: 45 of these 178 statements. The others name no closing balance
// that is known, so that rows could be missing at their ends.
func TestRead_UnknownBank_EveryRowIsRightOrRefused(t *testing.T) {
	total, right := 0, 0
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(15) {
			made := statementtest.New(bank, seed).Anonymous()
			if len(rowsOf(made)) == 0 {
				continue
			}
			total++
			got, err := read(t, made.PDF())
			if err != nil {
				continue
			}
			if wrong := difference(made, got); wrong != "" {
				t.Errorf("%s, seed %d: %s", bank, seed, wrong)
			}
			right++
		}
	}
	t.Logf("%d of %d statements of unknown banks are read", right, total)
	if 5*right < total {
		t.Errorf("only %d of %d statements of unknown banks are read", right, total)
	}
}

// A digit, an amount or a line that is read wrongly breaks the proof: what is returned has the right amounts.
func TestRead_MisreadAmount_IsRefused(t *testing.T) {
	refused, total := 0, 0
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(25) {
			made := statementtest.NewOfRows(bank, seed, 12)
			want := rowsOf(made)
			if !misread(&made, rand.New(rand.NewPCG(seed, 1))) {
				continue
			}
			total++
			got, err := read(t, made.PDF())
			if err != nil {
				refused++
				continue
			}
			if len(got.Rows) != len(want) {
				t.Errorf("%s, seed %d: %d rows, not %d", bank, seed, len(got.Rows), len(want))
				continue
			}
			for i, row := range want {
				if !got.Rows[i].Amount.Equal(money.FromMinor(row.Pence, 2)) {
					t.Errorf("%s, seed %d: row %d has %s", bank, seed, i, got.Rows[i].Amount)
				}
			}
		}
	}
	if 2*refused < total {
		t.Errorf("only %d of %d misread statements are refused", refused, total)
	}
}

var amountRun = regexp.MustCompile(`^[-+]?£?[0-9,]+\.[0-9]{2}$`)

// misread changes one printed amount: another digit, or nothing at all.
func misread(made *statementtest.Statement, random *rand.Rand) bool {
	var amounts []*statementtest.Run
	for p := range made.Pages {
		for r := range made.Pages[p].Runs {
			if run := &made.Pages[p].Runs[r]; amountRun.MatchString(run.Text) {
				amounts = append(amounts, run)
			}
		}
	}
	if len(amounts) == 0 {
		return false
	}
	run := amounts[random.IntN(len(amounts))]
	if random.IntN(4) == 0 {
		run.Text = ""
		return true
	}
	digits := []byte(run.Text)
	at := len(digits) - 1 - 3*random.IntN(2) // the last digit, or that of pounds
	digits[at] = '0' + (digits[at]-'0'+1+byte(random.IntN(8)))%10
	run.Text = string(digits)
	return true
}

// Pages of anything but a statement are refused.
func TestRead_OtherDocuments_AreRefused(t *testing.T) {
	letter := statementtest.Statement{Pages: []statementtest.Page{{Width: 595, Height: 842, Runs: []statementtest.Run{
		{X: 40, Y: 60, Size: 9, Text: "Dear customer, HSBC UK Bank plc owes you nothing."}, {X: 40, Y: 80, Size: 9, Text: "Date 12 May 2026 amount 12.00 balance 99.00"},
	}}}}
	ofBank := statementtest.New("barclays", 1)
	ofBank.Pages = ofBank.Pages[len(ofBank.Pages)-1:] // the terms, which name the bank and have no table
	for name, document := range map[string]statementtest.Statement{"a letter": letter, "the terms of a known bank": ofBank} {
		if _, err := read(t, document.PDF()); !errors.Is(err, statements.ErrUnknownLayout) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
