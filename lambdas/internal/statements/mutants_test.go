package statements_test

import (
	"context"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statements"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/test/statementtest"
)

// Each planted fault makes the round trips fail. A fault of amounts never comes through: the statement is refused.
func TestRead_PlantedFault_IsCaught(t *testing.T) {
	type printed struct {
		made  statementtest.Statement
		pages []pdftext.Page
	}
	var all []printed
	for _, bank := range statementtest.Banks() {
		for seed := range uint64(12) {
			made := statementtest.NewOfRows(bank, seed, 45)
			pages, err := pdfs().Read(context.Background(), made.PDF())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, printed{made, pages})
		}
	}
	for _, mutant := range statements.Mutants() {
		refused, wrong := 0, 0
		for i, one := range all {
			got, err := mutant.Read(one.pages)
			switch {
			case err != nil:
				refused++
			case difference(one.made, got) != "":
				wrong++
				if mutant.Proven && otherAmounts(one.made, got) {
					t.Errorf("%s: statement %d of %s came through with other amounts", mutant.Name, i, one.made.Bank)
				}
			}
		}
		t.Logf("%s: %d of %d statements refused, %d read wrongly", mutant.Name, refused, len(all), wrong)
		if refused+wrong == 0 {
			t.Errorf("%s: nothing catches it", mutant.Name)
		}
	}
}

// otherAmounts reports whether the amounts of a statement are others than those that were printed, in any order.
// Rows of 0.00 move no money.
func otherAmounts(made statementtest.Statement, read statements.Statement) bool {
	count := map[string]int{}
	for _, row := range rowsOf(made) {
		count[money.FromMinor(row.Pence, 2).String()]++
	}
	for _, row := range read.Rows {
		count[row.Amount.String()]--
	}
	delete(count, money.Amount{}.String())
	for _, n := range count {
		if n != 0 {
			return true
		}
	}
	return false
}
