package transactionstore_test

import (
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
)

func TestLink_BothLegs_AreExcludedUntilOneIsRefusedOrDeleted(t *testing.T) {
	counts := false
	for name, c := range map[string]struct {
		change    transactionstore.Change
		leftOther bool
	}{
		"nothing":         {transactionstore.Unlink("none", "b"), true},
		"refused":         {transactionstore.Edit("a", func(t *transactionstore.Transaction) error { t.ExcludeChoice = &counts; return nil }), false},
		"deleted":         {transactionstore.Delete("a"), false},
		"unlinked":        {transactionstore.Unlink("a", "b"), false},
		"of another link": {transactionstore.Unlink("a", "c"), true},
	} {
		s := transactionstoretest.New(t)
		_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Create(spent("a", "2026-07-01", 100)), transactionstore.Create(spent("b", "2026-07-02", 100))})
		must(t, err)
		_, err = s.Apply(t.Context(), "ada", transactionstore.Link("a", "b"))
		must(t, err)
		_, err = s.Apply(t.Context(), "ada", []transactionstore.Change{c.change})
		must(t, err)
		other, err := s.Get(t.Context(), "ada", "b")
		must(t, err)
		if (other.TransferID == "a") != c.leftOther || other.Excluded != c.leftOther {
			t.Errorf("%s: the other leg is %+v", name, other)
		}
		differences, err := s.Repair(t.Context(), "ada", false)
		if err != nil || len(differences) > 0 {
			t.Errorf("%s: the figures differ: %v, %v", name, differences, err)
		}
	}
}

func TestLink_RefusedLeg_IsNotLinked(t *testing.T) {
	s, counts := transactionstoretest.New(t), false
	refused := spent("a", "2026-07-01", 100)
	refused.ExcludeChoice = &counts
	_, err := s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Create(refused), transactionstore.Create(spent("b", "2026-07-02", 100))})
	must(t, err)
	_, err = s.Apply(t.Context(), "ada", transactionstore.Link("a", "b"))
	must(t, err)
	if leg, err := s.Get(t.Context(), "ada", "a"); err != nil || leg.TransferID != "" || leg.Excluded {
		t.Errorf("the refused leg is %+v, %v", leg, err)
	}
}

func TestImported_DeletedRows_AreFound(t *testing.T) {
	s := transactionstoretest.New(t)
	ids, err := s.ImportedIDs(t.Context(), "ada", [][]string{{"monzo", "coffee"}, {"monzo", "tea"}, {"monzo", "coffee"}})
	must(t, err)
	if ids[0] != ids[2] || ids[0] == ids[1] {
		t.Errorf("the ids are %q", ids)
	}
	var changes []transactionstore.Change
	for _, id := range ids[:2] {
		made := spent(id, "2026-07-01", 100)
		made.Source = transactionstore.CSV
		changes = append(changes, transactionstore.Create(made))
	}
	_, err = s.Apply(t.Context(), "ada", changes)
	must(t, err)
	_, err = s.Apply(t.Context(), "ada", []transactionstore.Change{transactionstore.Delete(ids[1])})
	must(t, err)
	found, err := s.Imported(t.Context(), "ada", ids[0], ids[1], "none")
	must(t, err)
	if len(found) != 2 || found[ids[0]] != (transactionstore.Imported{Debit: true}) || !found[ids[1]].Deleted {
		t.Errorf("found %+v", found)
	}
}
