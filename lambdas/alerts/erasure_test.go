package alerts

import (
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// paid is a payment of so many pounds on groceries that was stored at a time.
func paid(id string, pounds int64, at time.Time) transactions.TransactionChanged {
	return transactions.TransactionChanged{
		UserID: "ada", TransactionID: id, Kind: transactions.TransactionCreated, At: at.UnixMilli(),
		After: &transactions.TransactionState{Day: "2026-07-14", Amount: money.FromMinor(-100*pounds, 2), Category: "groceries"},
	}
}

// Messages from before an erasure come after it: the account, the goal and the record of
// the budget are still there. Payments of later alert.
func TestDetect_MessagesFromBeforeAnErasure_AlertOfNothing(t *testing.T) {
	w := newWorld(t)
	boundary := noon.Add(time.Hour)
	erasuretest.Of(t, w.names[tables.Users]).Erase(t, "ada", boundary)
	must(t, w.reached("ada", "g1"))
	must(t, w.crossed(80))
	must(t, w.TransactionChanged(t.Context(), paid("before", 600, boundary.Add(-time.Second))))
	must(t, w.TransactionChanged(t.Context(), transactions.TransactionChanged{ // of a release that gave no time
		UserID: "ada", TransactionID: "unknown", Kind: transactions.TransactionCreated, After: paid("", 600, noon).After,
	}))
	if got := w.list("ada"); got.TotalCount != 0 || len(w.topic.all) != 0 {
		t.Errorf("alerts %+v, notices %+v", got, w.topic.all)
	}
	after := boundary.Add(time.Second)
	must(t, w.TransactionChanged(t.Context(), paid("after", 600, after)))
	if got := w.list("ada"); got.TotalCount != 1 || w.topic.notices["payment-after"].CausedAt != after.UnixMilli() {
		t.Errorf("alerts %+v, notices %+v", got, w.topic.all)
	}
}

// What is usual may be known from payments that are being erased.
func TestTransactionChanged_UnusualDuringAnErasure_WaitsForItsEnd(t *testing.T) {
	w := newWorld(t)
	w.history("groceries", 10, 20, 20, 20, 20, 20, 20, 30)
	accounts := erasuretest.Of(t, w.names[tables.Users])
	accounts.Begin(t, "ada", noon.Add(-time.Minute))
	change := paid("unusual", 90, noon)
	if err := w.TransactionChanged(t.Context(), change); !errors.Is(err, erasure.ErrUnfinished) {
		t.Errorf("got %v", err)
	}
	must(t, w.TransactionChanged(t.Context(), paid("before", 90, noon.Add(-time.Hour)))) // does not come again
	if got := w.list("ada"); got.TotalCount != 0 {
		t.Errorf("alerts %+v", got)
	}
	accounts.End(t, "ada", noon.Add(-time.Minute), noon.Add(-time.Second))
	must(t, w.TransactionChanged(t.Context(), change))
	if got := w.list("ada"); got.TotalCount != 1 {
		t.Errorf("alerts %+v", got)
	}
}

func TestVisit_DuringAnErasure_AlertsOfNothing(t *testing.T) {
	w := newWorld(t)
	w.found("gym", "gym", "2026-07-16")
	erasuretest.Of(t, w.names[tables.Users]).Begin(t, "ada", noon.Add(-24*time.Hour))
	w.visit("ada", "2026-07-14")
	if got := w.messages("ada"); len(got) != 0 || len(w.topic.all) != 0 {
		t.Errorf("alerts %v, notices %+v", got, w.topic.all)
	}
}

// The alert was stored before the erasure, and its notice is published again: consumers see
// that the cause is erased.
func TestDetect_NoticePublishedLater_HasTheTimeOfItsCause(t *testing.T) {
	w := newWorld(t)
	w.topic.fails = errors.New("SNS is down")
	if err := w.TransactionChanged(t.Context(), paid("p", 600, noon)); err == nil {
		t.Error("the message is done without its notice")
	}
	w.topic.fails = nil
	w.at = noon.Add(time.Hour)
	must(t, w.TransactionChanged(t.Context(), paid("p", 600, noon)))
	if notice := w.topic.notices["payment-p"]; notice.CausedAt != noon.UnixMilli() {
		t.Errorf("published %+v", notice)
	}
}
