package transactionstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
)

// rowsOf returns creations of so many rows of an import.
func rowsOf(n int, kind string) []transactionstore.Change {
	var rows []transactionstore.Change
	for i := range n {
		row := spent(fmt.Sprintf("%s-%d", kind, i), fmt.Sprintf("2026-%02d-%02d", 1+i%3, 1+i%28), 100)
		row.Source = transactionstore.CSV
		rows = append(rows, transactionstore.Create(row))
	}
	return rows
}

// A user erases the data and goes on entering transactions in the same months meanwhile.
func TestRepair_AfterErasureDuringWrites_CountsWhatIsLeft(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada", rowsOf(150, "old")...)
	apply(t, s.Store, "ada", transactionstore.Delete("old-0"))
	time.Sleep(2 * time.Millisecond) // items have the millisecond of their write
	moment := time.Now()
	apply(t, s.Store, "ada", rowsOf(20, "new")...)
	erased, err := erasure.New(s.Items, s.Figures).EraseBefore(t.Context(), "ada", moment)
	must(t, err)
	if erased != 150 || len(list(t, s.Store, "ada")) != 20 {
		t.Errorf("%d are erased, %d are left", erased, len(list(t, s.Store, "ada")))
	}
	if _, err := s.Repair(t.Context(), "ada", true); err != nil {
		t.Fatal(err)
	}
	agrees(t, s.Store, "ada")
	spend := 0
	for _, month := range months(t, s.Store, "ada") {
		spend += month.Count
	}
	if spend != 20 {
		t.Errorf("the figures count %d", spend)
	}
	if again := apply(t, s.Store, "ada", rowsOf(1, "old")...); again[0].Outcome != transactionstore.Created {
		t.Errorf("after the erasure, an import finds a row %s", again[0].Outcome)
	}
}
