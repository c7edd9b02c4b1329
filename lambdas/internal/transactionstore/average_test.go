package transactionstore_test

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
)

func TestAverageMonth_WholeMonths_AreAveraged(t *testing.T) {
	s := transactionstoretest.New(t)
	apply(t, s.Store, "ada",
		transactionstore.Create(spent("too old", "2026-03-31", 999_999)),
		transactionstore.Create(spent("april", "2026-04-01", 10_000)),
		transactionstore.Create(received("salary", "2026-05-28", 200_000)),
		transactionstore.Create(spent("june", "2026-06-30", 10_001)),
		transactionstore.Create(spent("current", "2026-07-01", 999_999)),
	)
	// Half past midnight on 1 July in London is still June in UTC.
	got, err := s.AverageMonth(t.Context(), "ada", time.Date(2026, 6, 30, 23, 30, 0, 0, time.UTC))
	must(t, err)
	if got.Months != 3 || got.Income.String() != "666.67" || got.Spend.String() != "66.67" || got.Surplus().String() != "600" {
		t.Errorf("got %+v", got)
	}
	got, err = s.AverageMonth(t.Context(), "ada", time.Date(2026, 9, 15, 0, 0, 0, 0, time.UTC))
	must(t, err)
	if got.Months != 2 || got.Income.Sign() != 0 {
		t.Errorf("two months later: got %+v", got)
	}
	if got, err = s.AverageMonth(t.Context(), "eve", time.Now()); err != nil || got.Months != 0 || !got.Surplus().IsZero() {
		t.Errorf("without transactions: got %+v, %v", got, err)
	}
}
