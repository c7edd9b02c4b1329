package imports_test

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// legs imports both legs of a transfer of 100 from two banks, and returns them.
func legs(t *testing.T, s *transactionstoretest.Stage) (out, in *transactionstore.Transaction) {
	t.Helper()
	mustLoad(t, s.Store, "ada", file("natwest", row(t, "2026-07-31", "-100", "To A/C 12345678 Via Mobile Xfer"), row(t, "2026-07-31", "-3", "COFFEE")))
	mustLoad(t, s.Store, "ada", file("monzo", row(t, "2026-08-01", "100", "J SMITH"), row(t, "2026-08-01", "-4", "TEA")))
	return legsOf(t, s)
}

func legsOf(t *testing.T, s *transactionstoretest.Stage) (out, in *transactionstore.Transaction) {
	t.Helper()
	for _, one := range transactions(t, s.Store, "ada") {
		switch one.Amount.String() {
		case "-100":
			out = one
		case "100":
			in = one
		}
	}
	return out, in
}

// checkTotals fails the test unless all months together have this income and spending.
func checkTotals(t *testing.T, s *transactionstoretest.Stage, income, spend string) {
	t.Helper()
	months, err := s.Months(t.Context(), "ada", "", "")
	must(t, err)
	var in, out money.Amount
	for _, m := range months {
		in, out = in.Add(m.Income), out.Add(m.Spend)
	}
	if !in.Equal(pounds(t, income)) || !out.Equal(pounds(t, spend)) {
		t.Errorf("the income is %s and the spending %s, want %s and %s", in, out, income, spend)
	}
	checkFigures(t, s.Store, "ada")
}

func TestLinkTransfers_BothLegs_AreNeitherIncomeNorSpending(t *testing.T) {
	s := newStage(t)
	out, in := legs(t, s)
	if out.TransferID != in.TransactionID || in.TransferID != out.TransactionID || !out.Excluded || !in.Excluded {
		t.Errorf("the legs are %+v and %+v", out, in)
	}
	checkTotals(t, s, "0", "7")
}

func TestLinkTransfers_RefusedByUser_StayUnlinked(t *testing.T) {
	s := newStage(t)
	out, in := legs(t, s)
	counts := false
	_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Edit(in.TransactionID, func(t *transactionstore.Transaction) error {
		t.ExcludeChoice = &counts
		return nil
	})})
	must(t, err)
	mustLoad(t, s.Store, "ada", file("monzo", row(t, "2026-08-01", "100", "J SMITH"), row(t, "2026-08-01", "-4", "TEA"), row(t, "2026-08-02", "-1", "GUM")))
	left, counted := legsOf(t, s)
	if left.TransactionID != out.TransactionID || left.TransferID != "" || counted.TransferID != "" || counted.Excluded {
		t.Errorf("the legs are %+v and %+v", left, counted)
	}
	checkTotals(t, s, "100", "8")
}

func TestLinkTransfers_DeletedLeg_FreesTheOther(t *testing.T) {
	s := newStage(t)
	out, _ := legs(t, s)
	_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Delete(out.TransactionID)})
	must(t, err)
	if _, in := legsOf(t, s); in.TransferID != "" || in.Excluded {
		t.Errorf("the leg is %+v", in)
	}
	checkTotals(t, s, "100", "7")
}

// A crash between both legs leaves a link that only one leg has.
func TestLinkTransfers_LinkOfOneLeg_IsMended(t *testing.T) {
	s := newStage(t)
	out, in := legs(t, s)
	_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Unlink(in.TransactionID, out.TransactionID)})
	must(t, err)
	if again, _ := legsOf(t, s); again.TransferID != "" {
		t.Fatalf("the other leg is still linked: %+v", again)
	}
	raw := transactionstore.Edit(in.TransactionID, func(t *transactionstore.Transaction) error { t.TransferID = out.TransactionID; return nil })
	_, err = s.Apply(t.Context(), "ada", []transactionstore.Change{raw})
	must(t, err)
	mustLoad(t, s.Store, "ada", file("monzo", row(t, "2026-08-01", "100", "J SMITH"), row(t, "2026-08-01", "-4", "TEA")))
	if again, other := legsOf(t, s); again.TransferID != other.TransactionID || other.TransferID != again.TransactionID {
		t.Errorf("the legs are %+v and %+v", again, other)
	}
}
