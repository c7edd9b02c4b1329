package billdetect_test

import (
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// pay returns payments of so many pence on days.
func pay(pence int64, days ...dates.Day) (all []billdetect.Payment) {
	for _, day := range days {
		all = append(all, billdetect.Payment{ID: fmt.Sprint(day, pence), Day: day, Amount: money.FromMinor(-pence, 2)})
	}
	return all
}

func join(lists ...[]billdetect.Payment) (all []billdetect.Payment) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// monthly returns the days of so many months from a day, of 1 to 28.
func monthly(first dates.Day, months int) (all []dates.Day) {
	schedule := billdetect.ScheduleFrom(billdetect.Monthly, first)
	for number := range months {
		all = append(all, schedule.Due(number))
	}
	return all
}

// every returns so many days, each a number of days after the one before.
func every(days int, first dates.Day, count int) (all []dates.Day) {
	for i := range count {
		all = append(all, billdetect.AddDays(first, i*days))
	}
	return all
}

// The complaints that users of other programs have about the bills that these find.
func TestDetect_ComplaintsAboutOtherDetectors_AreAnswered(t *testing.T) {
	months := []dates.Day{"2026-01-05", "2026-02-05", "2026-03-05", "2026-04-06", "2026-05-05"} // 5 April is a Sunday
	for name, test := range map[string]struct {
		payments []billdetect.Payment
		want     string
	}{
		"monthly":                            {pay(999, months...), "monthly 9.99"},
		"every 28 days is not monthly":       {pay(1500, "2026-01-05", "2026-02-02", "2026-03-02", "2026-03-30", "2026-04-27"), "four-weekly 15"},
		"every calendar quarter":             {pay(4000, "2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01"), "quarterly 40"},
		"yearly from two payments":           {pay(15900, "2025-03-10", "2026-03-10"), "yearly 159"},
		"end of month":                       {pay(700, "2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30", "2026-05-29"), "monthly 7"},
		"weekend and bank holiday":           {pay(999, "2026-02-03", "2026-03-03", "2026-04-07", "2026-05-05", "2026-06-03"), "monthly 9.99"},
		"paid a week early once":             {pay(999, "2026-01-15", "2026-02-15", "2026-03-09", "2026-04-15", "2026-05-15"), "monthly 9.99"},
		"price rise":                         {join(pay(999, months[:3]...), pay(1199, months[3:]...)), "monthly 11.99, 9.99 until 2026-04-06"},
		"introductory price":                 {join(pay(500, months[:2]...), pay(1500, months[2:]...)), "monthly 15, 5 until 2026-03-05"},
		"another price once is no rise":      {join(pay(999, months[:4]...), pay(1499, months[4])), "monthly 9.99"},
		"two of one merchant":                {join(pay(99, "2026-01-03", "2026-02-03", "2026-03-03", "2026-04-03"), pay(1099, "2026-01-17", "2026-02-17", "2026-03-17", "2026-04-17")), "monthly 0.99; monthly 10.99"},
		"two of one amount":                  {join(pay(800, "2026-01-03", "2026-02-03", "2026-03-03", "2026-04-03"), pay(800, "2026-01-17", "2026-02-17", "2026-03-17", "2026-04-17")), "monthly 8; monthly 8"},
		"other purchases are not averaged":   {join(pay(899, months...), pay(2345, "2026-01-20"), pay(1111, "2026-02-11"), pay(7650, "2026-02-26"), pay(499, "2026-04-18")), "monthly 8.99"},
		"three coffees in a week":            {pay(350, "2026-03-02", "2026-03-04", "2026-03-06"), ""},
		"two purchases":                      {pay(350, "2026-03-02", "2026-04-02"), ""},
		"a skipped month":                    {pay(999, "2026-01-05", "2026-02-05", "2026-04-05", "2026-05-05"), "monthly 9.99"},
		"a refund is no payment":             {join(pay(999, months...), pay(-999, "2026-05-06")), "monthly 9.99"},
		"council tax pauses for two months":  {pay(15000, "2025-10-01", "2025-11-03", "2025-12-01", "2026-01-02", "2026-04-01", "2026-05-01", "2026-06-01"), "monthly 150"},
		"paused for six months":              {join(pay(999, monthly("2024-01-05", 6)...), pay(999, monthly("2025-01-05", 6)...)), "monthly 9.99"},
		"three, a pause of four, six":        {join(pay(999, monthly("2024-01-05", 3)...), pay(999, monthly("2024-08-05", 6)...)), "monthly 9.99"},
		"three, a pause of three, three":     {join(pay(999, monthly("2024-01-05", 3)...), pay(999, monthly("2024-07-05", 3)...)), "monthly 9.99"},
		"twelve, a pause of nine, six":       {join(pay(999, monthly("2024-01-05", 12)...), pay(999, monthly("2025-10-05", 6)...)), "monthly 9.99"},
		"a year, a pause of one, a year":     {join(pay(999, monthly("2023-01-05", 12)...), pay(999, monthly("2025-01-05", 12)...)), "monthly 9.99"},
		"four, a pause of a year, four":      {join(pay(999, monthly("2024-01-05", 4)...), pay(999, monthly("2025-05-05", 4)...)), "monthly 9.99"},
		"two pauses":                         {join(pay(999, monthly("2023-01-05", 4)...), pay(999, monthly("2023-10-05", 3)...), pay(999, monthly("2024-08-05", 5)...)), "monthly 9.99"},
		"paused, dearer since":               {join(pay(999, monthly("2024-01-05", 6)...), pay(1299, monthly("2025-01-05", 4)...)), "monthly 12.99, 9.99 until 2025-01-05"},
		"paid once after a pause":            {join(pay(999, monthly("2024-01-05", 6)...), pay(999, "2025-01-05")), "monthly 9.99"},
		"taken up again on another day":      {join(pay(999, monthly("2024-01-05", 6)...), pay(1299, monthly("2025-01-19", 4)...)), "monthly 9.99; monthly 12.99"},
		"every 30 days is taken for monthly": {pay(999, every(30, "2024-01-01", 24)...), "monthly 9.99"},
		"every 90 days for quarterly":        {pay(999, every(90, "2024-01-01", 8)...), "quarterly 9.99"},
		"nothing":                            {nil, ""},
		"credits only":                       {pay(-200000, months...), ""},
	} {
		got := ""
		for i, series := range billdetect.Detect(test.payments) {
			if i > 0 {
				got += "; "
			}
			got += fmt.Sprint(series.Schedule.Cadence, " ", series.Amount)
			if c := series.Change; c != nil {
				got += fmt.Sprint(", ", c.From, " until ", c.Day)
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The payments after a pause say whether a bill ended. Those before are its history.
func TestDetect_BillAfterAPause_IsActive(t *testing.T) {
	for _, again := range []int{1, 2, 3, 6} {
		series := billdetect.Detect(join(pay(999, monthly("2024-01-05", 6)...), pay(999, monthly("2025-01-05", again)...)))
		if len(series) != 1 || len(series[0].Payments) != 6+again {
			t.Fatalf("%d again: got %+v", again, series)
		}
		last := series[0].Payments[5+again].Day
		if got := series[0].Next(last); series[0].Ended(last) || got != series[0].Schedule.Due(series[0].Schedule.Nearest(last)+1) {
			t.Errorf("%d again: ended %v, next due on %s", again, series[0].Ended(last), got)
		}
	}
}

// A refund gives back the payment before it, which then is no payment of the bill.
func TestDetect_Refund_TakesItsPaymentOut(t *testing.T) {
	payments := join(pay(999, "2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05"), pay(-999, "2026-04-09"))
	series := billdetect.Detect(payments)
	if len(series) != 1 || len(series[0].Payments) != 3 || series[0].Has(payments[3].ID) || !series[0].Has(payments[0].ID) {
		t.Errorf("got %+v", series)
	}
}

// Due days follow from the anchor: a late payment moves none, and short months none
// after them.
func TestSeries_DueDays_FollowFromTheAnchor(t *testing.T) {
	series := billdetect.Detect(pay(999, "2025-10-31", "2025-11-30", "2025-12-31", "2026-01-31", "2026-03-04"))
	if len(series) != 1 {
		t.Fatalf("got %+v", series)
	}
	for today, want := range map[dates.Day]dates.Day{
		"2026-03-04": "2026-03-31", "2026-03-31": "2026-03-31", "2026-04-01": "2026-04-30", "2026-05-01": "2026-05-31", "2027-02-01": "2027-02-28",
	} {
		if got := series[0].Next(today); got != want {
			t.Errorf("on %s the next is due on %s, not %s", today, got, want)
		}
	}
	for today, want := range map[dates.Day]bool{"2026-03-05": false, "2026-04-30": false, "2026-05-06": false, "2026-05-07": true, "2027-01-01": true} {
		if got := series[0].Ended(today); got != want {
			t.Errorf("on %s it has ended: %v", today, got)
		}
	}
	early := billdetect.Detect(pay(999, "2026-01-15", "2026-02-15", "2026-03-15", "2026-04-10"))
	if got := early[0].Next("2026-04-12"); got != "2026-05-15" {
		t.Errorf("after an early payment the next is due on %s", got)
	}
}

// FirstFrom and Nearest are the numbers of due days, in all months and before the anchor.
func TestSchedule_Numbers_AreThoseOfDueDays(t *testing.T) {
	for _, schedule := range []billdetect.Schedule{
		{Cadence: billdetect.Weekly, Anchor: "2026-01-05"}, {Cadence: billdetect.FourWeekly, Anchor: "2026-01-05"},
		{Cadence: billdetect.Monthly, Anchor: "2026-01-31", DayOfMonth: 31}, {Cadence: billdetect.Quarterly, Anchor: "2025-11-30", DayOfMonth: 30},
		{Cadence: billdetect.Yearly, Anchor: "2024-02-29", DayOfMonth: 29},
	} {
		for number := -30; number <= 30; number++ {
			due := schedule.Due(number)
			if schedule.FirstFrom(due) != number || schedule.Nearest(due) != number {
				t.Errorf("%+v: %s is due as %d, found as %d and %d", schedule, due, number, schedule.FirstFrom(due), schedule.Nearest(due))
			}
		}
	}
}
