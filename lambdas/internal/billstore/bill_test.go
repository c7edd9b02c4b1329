package billstore_test

import (
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Each payment that is due counts, and a mark as paid takes out the next one only.
func TestTotalWithin_ShortCadences_HaveSeveralPayments(t *testing.T) {
	for _, test := range []struct {
		cadence    billdetect.Cadence
		due        dates.Day
		days       int
		want, paid string
	}{
		{billdetect.Weekly, "2026-06-18", 30, "1 £100", "1 £80"},
		{billdetect.Weekly, "2026-06-17", 7, "1 £40", "1 £20"},
		{billdetect.Fortnightly, "2026-06-18", 30, "1 £60", "1 £40"},
		{billdetect.FourWeekly, "2026-06-18", 30, "1 £40", "1 £20"},
		{billdetect.FourWeekly, "2026-06-20", 30, "1 £20", "0 £0"},
		{billdetect.Monthly, "2026-06-17", 30, "1 £40", "1 £20"},
		{billdetect.Yearly, "2026-07-18", 30, "0 £0", "0 £0"},
	} {
		for paid, want := range map[bool]string{false: test.want, true: test.paid} {
			bill := billstore.Bill{
				ID: "a", Status: billstore.Active, Due: test.due, Schedule: billdetect.ScheduleFrom(test.cadence, test.due), Amount: money.FromMinor(2000, 2), Paid: paid,
			}
			ended, excluded := bill, bill
			ended.Status, excluded.Excluded = billstore.Cancelled, true
			n, total := billstore.Bills{Today: "2026-06-17", All: []billstore.Bill{bill, ended, excluded}}.TotalWithin(test.days)
			if got := fmt.Sprint(n, " £", total); got != want {
				t.Errorf("%s due on %s within %d days, paid %v: got %s, want %s", test.cadence, test.due, test.days, paid, got, want)
			}
		}
	}
}
