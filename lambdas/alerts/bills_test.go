package alerts

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/mornings"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// pays has the detector store the bill of monthly payments of so many pence to a merchant.
// The first is on a day.
func (w *world) pays(merchant string, first dates.Day, pence ...int64) {
	w.t.Helper()
	begin, err := dates.ParseDay(string(first))
	must(w.t, err)
	var payments []billdetect.Payment
	for i, amount := range pence {
		payments = append(payments, billdetect.Payment{
			ID: fmt.Sprint(merchant, i), Day: dates.DayOf(begin.AddDate(0, i, 0)), Amount: money.FromMinor(-amount, 2),
		})
	}
	found, err := w.bills.bills.NewDetection(w.t.Context(), "ada", merchant)
	must(w.t, err)
	found.Series, found.Categories = billdetect.Detect(payments), []string{"entertainment"}
	if len(found.Series) != 1 {
		w.t.Fatalf("detected %+v", found.Series)
	}
	found.Describe = func(context.Context) (billstore.Merchant, bool, error) {
		return billstore.Merchant{Normalised: merchant, Name: strings.ToUpper(merchant)}, true, nil
	}
	must(w.t, w.bills.bills.SaveSeries(w.t.Context(), w.bills.guard, found))
}

// found has a device's bill of this due day stored.
func (w *world) found(id, merchant string, due dates.Day) {
	w.t.Helper()
	payments := []tables.BillPayment{{ID: "a", Day: "2026-05-16", Amount: money.FromMinor(999, 2)}, {ID: "b", Day: "2026-06-16", Amount: money.FromMinor(999, 2)}}
	_, _, err := w.bills.bills.SaveFound(w.t.Context(), "ada", w.today(), []billstore.Found{{ID: id, Name: merchant, Merchant: merchant, Bill: tables.DeviceBill{
		Frequency: "monthly", Status: "active", Due: string(due), Amount: money.FromMinor(999, 2), Category: "entertainment", Payments: payments,
	}}})
	must(w.t, err)
}

func (w *world) today() dates.Day { return calendar.DayOf(w.at) }

// visit looks at the bills of a user on a day.
func (w *world) visit(user string, day dates.Day) {
	w.t.Helper()
	at, err := dates.ParseDay(string(day))
	must(w.t, err)
	w.at = at.Add(9 * time.Hour)
	must(w.t, w.bills.Visit(w.t.Context(), mornings.Request{UserID: user, Day: day}))
}

// messages are what a user's alerts say, the newest first.
func (w *world) messages(user string) (all []string) {
	w.t.Helper()
	for _, alert := range w.list(user).Alerts {
		all = append(all, fmt.Sprint(alert.Type, " ", alert.Priority, " ", alert.Title, ": ", alert.Message))
	}
	return all
}

func expect(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestVisit_BillDue_AlertsOnceForEachDueDay(t *testing.T) {
	w := newWorld(t)
	w.pays("filmhouse", "2026-03-16", 999, 999, 999, 999)
	w.visit("ada", "2026-07-12")
	expect(t, "four days before", w.messages("ada"))
	const july = "SUBSCRIPTION_RENEWAL MEDIUM Bill due: A bill of £9.99 for entertainment is due on 16 July."
	for _, day := range []dates.Day{"2026-07-13", "2026-07-14", "2026-07-15", "2026-07-16"} {
		w.visit("ada", day)
		expect(t, string(day), w.messages("ada"), july)
	}
	w.pays("filmhouse", "2026-03-16", 999, 999, 999, 999, 999)
	w.visit("ada", "2026-08-12")
	w.visit("ada", "2026-08-13")
	w.visit("ada", "2026-08-14")
	if got := w.messages("ada"); len(got) != 1 || !strings.HasSuffix(got[0], "due on 16 August.") || len(w.topic.all) != 2 {
		t.Errorf("got %q and %d notices", got, len(w.topic.all))
	}
	for id, notice := range w.topic.notices {
		if notice.Type != "account" || !strings.HasPrefix(id, "bill-") {
			t.Errorf("published %s: %+v", id, notice)
		}
	}
	if told := dynamotest.Text(t, w.names[tables.ProactiveAlerts]) + fmt.Sprintf("%+v", w.topic.notices); strings.Contains(strings.ToLower(told), "filmhouse") {
		t.Error("the merchant is readable")
	}
}

func TestVisit_BillNotToBeToldOf_AlertsOfNothing(t *testing.T) {
	inactive, yes := "inactive", true
	for name, edit := range map[string]billstore.Edit{
		"paid": {Paid: &yes}, "excluded": {Ignored: &yes}, "cancelled": {Status: &inactive}, "without reminders": {Muted: &yes},
	} {
		w := newWorld(t)
		w.pays("filmhouse", "2026-03-16", 999, 999, 999, 999)
		all, err := w.bills.bills.Read(t.Context(), "ada", w.today())
		must(t, err)
		_, err = w.bills.bills.Choose(t.Context(), "ada", w.today(), all.All[0].ID, edit)
		must(t, err)
		w.visit("ada", "2026-07-14")
		expect(t, name, w.messages("ada"))
	}
	w := newWorld(t)
	w.pays("filmhouse", "2026-03-16", 999, 999, 1199, 1199)
	_, err := w.SetPreferences(t.Context(), caller("ada"), routetest.MustRead[preferencesRequest](t, `{"enableSubscriptionAlerts":false}`, nil))
	must(t, err)
	w.visit("ada", "2026-07-14")
	expect(t, "preferences", w.messages("ada"))
	w.at = w.at.AddDate(0, 0, 1)
	must(t, w.bills.Visit(t.Context(), mornings.Request{UserID: "ada", Day: "2026-07-14"}))
	expect(t, "a request that comes late", w.messages("ada"))
	w.visit("gone", "2026-07-14")
	expect(t, "an account that was erased", w.messages("gone"))
}

// The backend detects a bill after a device has sent it, under another id.
func TestVisit_BillOfADeviceIsDetected_DoesNotAlertAgain(t *testing.T) {
	w := newWorld(t)
	w.found("day_pattern_filmhouse_day16", "filmhouse", "2026-07-16")
	w.visit("ada", "2026-07-13")
	w.pays("filmhouse", "2026-03-16", 999, 999, 999, 999)
	w.found("bill_filmhouse_monthly", "filmhouse", "2026-07-16") // as the backend names it
	w.found("day_pattern_filmhouse_day16", "filmhouse", "2026-07-16")
	w.visit("ada", "2026-07-14")
	w.visit("ada", "2026-08-14")
	if got := w.messages("ada"); len(got) != 1 || len(w.topic.notices) != 2 {
		t.Errorf("got %q and %d notices", got, len(w.topic.notices))
	}
}

func TestVisit_PriceRose_AlertsOnceForEachRise(t *testing.T) {
	const (
		first  = "SUBSCRIPTION_RENEWAL HIGH Price rise: A bill for entertainment rose from £9.99 to £11.99 on 2 May."
		second = "SUBSCRIPTION_RENEWAL HIGH Price rise: A bill for entertainment rose from £11.99 to £12.99 on 2 July."
	)
	w := newWorld(t)
	w.pays("filmhouse", "2026-02-02", 999, 999, 999, 1199)
	w.visit("ada", "2026-05-03")
	expect(t, "one payment of the new price", w.messages("ada"))
	w.pays("filmhouse", "2026-02-02", 999, 999, 999, 1199, 1199)
	for _, day := range []dates.Day{"2026-06-03", "2026-06-04", "2026-06-20"} {
		w.visit("ada", day)
		expect(t, string(day), w.messages("ada"), first)
	}
	w.pays("filmhouse", "2026-02-02", 999, 999, 999, 1199, 1199, 1299, 1299)
	w.visit("ada", "2026-08-03")
	if w.visit("ada", "2026-08-04"); len(w.topic.notices) != 2 {
		t.Errorf("published %v", w.topic.notices)
	}
	expect(t, "the next rise", w.messages("ada"), second)

	old := newWorld(t)
	old.pays("filmhouse", "2026-01-02", 999, 999, 1199, 1199, 1199, 1199)
	old.pays("cheaper", "2026-02-02", 1199, 1199, 1199, 999, 999)
	old.visit("ada", "2026-06-10")
	expect(t, "a rise known since April, and a fall", old.messages("ada"))
}

// requests are the visits that the schedule asks for.
type requests []mornings.Request

func (r *requests) Send(_ context.Context, messages ...messaging.Message[mornings.Request]) error {
	for _, message := range messages {
		*r = append(*r, message.Body)
	}
	return nil
}

// The schedule runs hourly over the two nights in which clocks change.
func TestVisit_NightsOfClockChanges_AlertOnceOnTheRightDay(t *testing.T) {
	for night, first := range map[dates.Day]dates.Day{"2026-03-29": "2025-12-01", "2026-10-25": "2026-07-28"} {
		w := newWorld(t)
		w.at = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		w.pays("filmhouse", first, 999, 999, 999)
		due := billdetect.AddDays(night, dueDays)
		begin, err := time.ParseInLocation(time.DateOnly, string(night), calendar.Location())
		must(t, err)
		sent := &requests{}
		schedule := mornings.New(mornings.Visits{Name: "alerts-schedule", Index: tables.BillUsers},
			store.New[mornings.User](dynamotest.Client(t), w.records.Name, tables.Bills),
			store.New[tables.CleanupPosition](dynamotest.Client(t), dynamotest.Table(t, tables.CleanupProgress), tables.CleanupProgress), sent, w.now)
		for w.at = begin.Add(-12 * time.Hour); w.at.Before(begin.Add(36 * time.Hour)); w.at = w.at.Add(time.Hour) {
			*sent = nil
			must(t, schedule.Run(t.Context()))
			for _, request := range *sent {
				must(t, w.bills.Visit(t.Context(), request))
			}
		}
		page, err := w.items.Query(t.Context(), store.Query{Partition: "ada", Limit: 10})
		must(t, err)
		if len(page.Items) != 1 || len(w.topic.notices) != 1 {
			t.Fatalf("%s: stored %+v", night, page.Items)
		}
		alert := page.Items[0]
		if at := time.UnixMilli(alert.CreatedAt).In(calendar.Location()).Format("2006-01-02 15:04"); alert.Day != string(due) || at != string(night)+" 06:00" {
			t.Errorf("%s: alerted at %s of %s", night, at, alert.Day)
		}
	}
}
