package bills

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
)

// A device's bill of a merchant with a detected bill is that bill. Others are listed
// beside it, one for each merchant.
func TestSaveFound_BillsOfADevice_AreMergedByMerchant(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	body := fmt.Sprintf(`{"bills":[%s,%s,%s]}`, deviceBill("bill_netflix_monthly", "Netflix.com", "2026-06-20", 10),
		deviceBill("bill_acme_gym_monthly", "ACME GYM", "2026-06-20", 25), deviceBill("day_pattern_acme_gym_day3", "Acme Gym", "2026-06-20", 25))
	saved := w.save(body)
	if saved.Saved != 2 || len(saved.Bills) != 2 {
		t.Fatalf("saved %+v", saved)
	}
	w.save(body)
	all := w.list()
	if len(all) != 2 || all[1].Amount.String() != "9.99" || all[0].NextDueDate != "2026-06-20" || all[0].Transactions[1].Date != "2026-05-03" {
		t.Errorf("got %+v", all)
	}
	w.save(`{"bills":[]}`)
	if again := w.list(); len(again) != 2 {
		t.Errorf("an empty set erased %+v", again)
	}
	w.at = w.at.AddDate(0, 0, 5) // the due day moves on
	if got := w.list()[0]; got.NextDueDate != "2026-07-20" || got.Status != "active" {
		t.Errorf("got %+v", got)
	}
	_, err := w.edit().ClearFound(t.Context(), caller("ada"), function.NoInput{})
	must(t, err)
	if all := w.list(); len(all) != 1 || all[0].Name != "NETFLIX.COM" {
		t.Errorf("after clearing: %+v", all)
	}
}

func TestSaveFound_TooManyMerchants_AreRefused(t *testing.T) {
	w := newWorld(t)
	save := func(from, to int) error {
		bills := ""
		for i := from; i < to; i++ {
			if bills != "" {
				bills += ","
			}
			bills += deviceBill(fmt.Sprint(i), fmt.Sprintf("SHOP %c%c", 'A'+i/26, 'A'+i%26), "2026-06-20", 25)
		}
		in := routetest.MustRead[foundRequest](t, `{"bills":[`+bills+`]}`, nil)
		_, err := w.edit().SaveFound(t.Context(), caller("ada"), in)
		return err
	}
	must(t, save(0, 200))
	if err := save(200, 400); err == nil {
		t.Error("more than 300 are taken")
	}
	must(t, save(0, 200))
}

// Preferences are taken under the id of the backend, the ids of devices, and ids of
// merchant and amount.
func TestPreferences_AnyIDOfABill_AreOfThatBill(t *testing.T) {
	for _, id := range []string{"bill_netflix_com_monthly", "bill_netflix_monthly", "day_pattern_netflix_com_day5", "netflix.com-9.99"} {
		w := newWorld(t)
		w.pay("NETFLIX.COM", 999, spring...)
		w.run()
		w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill("bill_netflix_monthly", "NETFLIX.COM", "2026-06-20", 10)))
		w.update(id, `{"category":"Housing"}`)
		if got := w.list()[0]; got.Category != "Housing" || !got.UserModified || got.Status != "active" {
			t.Errorf("%s: got %+v", id, got)
		}
		w.update(id, `{"category":"Inactive"}`)
		if got := w.list()[0]; got.Category != "Housing" || got.Status != "cancelled" {
			t.Errorf("%s: got %+v", id, got)
		}
		w.update(id, `{"status":"active"}`)
		if got := w.list()[0]; got.Status != "active" {
			t.Errorf("%s: got %+v", id, got)
		}
		if all := w.preferences(); len(all) != 1 || all[0].BillID != id || all[0].Category != "Housing" || all[0].Status != "active" {
			t.Errorf("%s: got %+v", id, all)
		}
	}
}

// The last choice counts, and a deletion deletes what was chosen, whatever the ids.
func TestPreferences_TwoIDsOfABill_TheLastChoiceCounts(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	const one, other = "day_pattern_netflix_com_day5", "bill_netflix_com_monthly"
	for _, id := range []string{other, one} { // the second record has the older value of the first
		w.update(id, `{"status":"inactive","category":"Housing"}`)
		w.command(`{"billId":"` + id + `","enabled":false}`)
		w.command(`{"billId":"` + id + `","action":"paid","isPaid":true}`)
	}
	w.update(other, `{"status":"active","category":"Insurance"}`)
	w.command(`{"billId":"` + other + `","enabled":true}`)
	w.command(`{"billId":"` + other + `","action":"paid","isPaid":false}`)
	bills, err := w.store.Read(t.Context(), "ada", w.store.Today())
	must(t, err)
	if got := bills.All[0]; got.Status != "active" || got.Category != "insurance" || got.Muted || got.Paid {
		t.Errorf("got %+v", got)
	}
	w.command(`{"billId":"` + one + `","action":"create"}`)
	w.command(`{"billId":"` + other + `","action":"create","isIgnored":false}`)
	for _, preference := range w.preferences() {
		if preference.IsIgnored || preference.PaidAt != nil {
			t.Errorf("the app shows %+v", preference)
		}
	}
	if len(w.list()) != 1 {
		t.Error("the bill is excluded")
	}
	_, err = w.edit().DeletePreference(t.Context(), caller("ada"), billRequest{other})
	must(t, err)
	if got := w.preferences(); len(got) != 0 {
		t.Errorf("left %+v", got)
	}
}

// An amount in the id says which bill of two of a merchant is meant.
func TestPreferences_TwoBillsOfAMerchant_TheAmountSaysWhich(t *testing.T) {
	w := newWorld(t)
	w.pay("APPLE.COM/BILL", 99, "2026-03-03", "2026-04-03", "2026-05-03", "2026-06-03")
	w.pay("APPLE.COM/BILL", 1099, "2026-03-20", "2026-04-20", "2026-05-20")
	w.run()
	w.update("apple.com/bill-10.99", `{"status":"inactive"}`)
	for _, bill := range w.list() {
		if (bill.Status == "cancelled") != (bill.Amount.String() == "10.99") {
			t.Errorf("got %+v", bill)
		}
	}
}

// An id of a device is of the bill with its due day, or with the amount that was sent
// under it, also when the merchant has another bill.
func TestPreferences_TwoBillsOfAMerchant_AreToldApartByDayAndAmount(t *testing.T) {
	w := newWorld(t)
	w.pay("APPLE", 99, "2026-03-03", "2026-04-03", "2026-05-03", "2026-06-03")
	w.pay("APPLE", 1099, "2026-03-17", "2026-04-17", "2026-05-17", "2026-06-17")
	w.run()
	cancelled := func(when string, want ...string) {
		t.Helper()
		var got []string
		for _, bill := range w.list() {
			if bill.Status == "cancelled" {
				got = append(got, bill.Amount.String())
			}
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: cancelled are %v, not %v", when, got, want)
		}
	}
	choose := func(id, status string) { w.update(id, `{"status":"`+status+`"}`) }
	const third, seventeenth, other = "day_pattern_apple_day3", "day_pattern_apple_day17", "apple_subscription"
	choose(seventeenth, "inactive")
	cancelled("without bills of a device", "10.99")
	for _, sent := range [][2]string{{third, seventeenth}, {seventeenth, third}} { // the last one is the record's
		w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill(sent[0], "APPLE", "2026-06-20", 1)))
		w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill(sent[1], "APPLE", "2026-06-20", 1)))
		cancelled("with both", "10.99")
		choose(third, "inactive")
		choose(seventeenth, "active")
		cancelled("the other", "0.99")
		choose(third, "active")
		choose(seventeenth, "inactive")
	}
	choose(seventeenth, "active")
	w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill(other, "APPLE", "2026-06-28", 11)))
	w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill(third, "APPLE", "2026-07-03", 1)))
	choose(other, "inactive")
	cancelled("by the amount that was sent", "10.99")
}

// An exclusion is remembered: another detection does not bring the bill back.
func TestCommand_ExcludedBill_DoesNotReturn(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	got := w.command(`{"action":"create","billId":"netflix.com-9.99","category":"Subscriptions","status":"inactive","isIgnored":true,"customName":"Netflix.com","exclusionReason":"not_recurring"}`)
	if !got.Success || !got.Preference.IsIgnored || got.Preference.ExcludedAt == 0 || got.Preference.ExclusionReason != "not_recurring" {
		t.Errorf("got %+v", got)
	}
	w.pay("NETFLIX.COM", 999, "2026-06-16")
	w.run()
	w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill("bill_netflix_monthly", "NETFLIX.COM", "2026-06-20", 10)))
	if all := w.list(); len(all) != 0 {
		t.Errorf("it returned: %+v", all)
	}
	include := func(pattern string) error {
		_, err := w.edit().Include(t.Context(), caller("ada"), includeRequest{pattern})
		return err
	}
	if err := include("Spotify"); !errors.Is(err, errNoExclusion) {
		t.Errorf("another merchant: %v", err)
	}
	must(t, include("NETFLIX.COM"))
	if all := w.list(); len(all) != 1 {
		t.Errorf("included again: %+v", all)
	}
	if err := include("NETFLIX.COM"); !errors.Is(err, errNoExclusion) {
		t.Errorf("twice: %v", err)
	}
}

// A mark as paid is for the payment that is due next, and ends with it.
func TestCommand_PaidBill_IsPaidUntilItsDueDayIsPast(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	w.command(`{"action":"paid","billId":"bill_netflix_com_monthly","isPaid":true}`)
	paid := func() bool { return w.preferences()[0].PaidAt != nil }
	due := func() int {
		bills, err := w.store.Read(t.Context(), "ada", w.store.Today())
		must(t, err)
		return len(bills.DueWithin(40))
	}
	if !paid() || due() != 0 {
		t.Error("it is not paid")
	}
	w.at = time.Date(2026, 7, 5, 22, 30, 0, 0, time.UTC) // 5 July in London
	if !paid() {
		t.Error("on its due day it is not paid")
	}
	w.at = w.at.Add(time.Hour)
	if paid() || due() != 1 {
		t.Error("the next cycle is paid")
	}
	w.command(`{"action":"paid","billId":"bill_netflix_com_monthly","isPaid":true}`)
	w.command(`{"action":"paid","billId":"bill_netflix_com_monthly","isPaid":false}`)
	if paid() {
		t.Error("the mark is not taken back")
	}
	w.command(`{"billId":"bill_netflix_com_monthly","enabled":false}`)
	bills, err := w.store.Read(t.Context(), "ada", w.store.Today())
	must(t, err)
	if !bills.All[0].Muted {
		t.Error("reminders are on")
	}
}

// A payment that comes early ends the mark too: the next due day is the next cycle's.
func TestCommand_PaymentAfterTheMark_EndsIt(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	w.command(`{"action":"paid","billId":"bill_netflix_com_monthly","isPaid":true}`)
	w.at = time.Date(2026, 7, 3, 9, 0, 0, 0, time.UTC)
	w.pay("NETFLIX.COM", 999, "2026-07-03")
	w.run()
	if got := w.list()[0]; got.NextDueDate != "2026-08-05" || w.preferences()[0].PaidAt != nil {
		t.Errorf("got %+v, %+v", got, w.preferences())
	}
}

func TestSavePreference_WholePreference_IsStored(t *testing.T) {
	w := newWorld(t)
	in := routetest.MustRead[preferenceRequest](t, `{"userId":"current-user","billId":"acme-5.00","category":"Insurance","status":"inactive","customName":"Acme","isIgnored":false,"reason":"moved","paidAt":1750000000000}`, nil)
	_, err := w.edit().SavePreference(t.Context(), caller("ada"), in)
	must(t, err)
	all := w.preferences()
	if len(all) != 1 || all[0].Category != "Insurance" || all[0].Status != "inactive" || all[0].CustomName != "Acme" || all[0].Reason != "moved" || all[0].PaidAt == nil {
		t.Errorf("got %+v", all)
	}
	w.at = w.at.AddDate(0, 0, 32)
	if got := w.preferences()[0]; got.PaidAt != nil {
		t.Errorf("without a bill it is paid for %+v", got)
	}
	if _, err := w.edit().DeletePreference(t.Context(), caller("eve"), billRequest{"acme-5.00"}); !errors.Is(err, errNoPreference) {
		t.Errorf("of another user: %v", err)
	}
	_, err = w.edit().DeletePreference(t.Context(), caller("ada"), billRequest{"acme-5.00"})
	must(t, err)
	if _, err := w.edit().DeletePreference(t.Context(), caller("ada"), billRequest{"acme-5.00"}); !errors.Is(err, errNoPreference) {
		t.Errorf("twice: %v", err)
	}
}

func TestCommand_CategoryStatusAndName_AreLaidOverTheBill(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, spring...)
	w.run()
	for _, change := range []string{`"category","category":"Insurance"`, `"status","status":"inactive"`, `"name","customName":"Films"`} {
		w.command(`{"billId":"bill_netflix_com_monthly","action":` + change + `}`)
	}
	if got := w.list()[0]; got.Name != "Films" || got.Category != "Insurance" || got.Status != "cancelled" {
		t.Errorf("got %+v", got)
	}
}

func TestCommand_WithoutWhatItSays_IsRefused(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{`{"billId":"x"}`, `{"billId":"x","action":"paid"}`} {
		if _, err := w.edit().Command(t.Context(), caller("ada"), routetest.MustRead[commandRequest](t, body, nil)); !errors.Is(err, errNoCommand) {
			t.Errorf("%s: got %v", body, err)
		}
	}
	if _, err := w.edit().UpdatePreference(t.Context(), caller("ada"), updatePreferenceRequest{}); !errors.Is(err, errNoCommand) {
		t.Errorf("got %v", err)
	}
	if _, err := routetest.Read[commandRequest](`{"action":"create"}`, nil); err == nil {
		t.Error("a command without an id is taken")
	}
}

func TestChoose_TooManyPreferences_AreRefused(t *testing.T) {
	w := newWorld(t)
	for i := range 500 {
		w.update(fmt.Sprint("bill-", i), `{"status":"inactive"}`)
	}
	in := routetest.MustRead(t, `{"status":"inactive"}`, func(in *updatePreferenceRequest) { in.BillID = "one more" })
	if _, err := w.edit().UpdatePreference(t.Context(), caller("ada"), in); err == nil {
		t.Error("500 are not enough")
	}
	w.update("bill-7", `{"status":"active"}`)
}
