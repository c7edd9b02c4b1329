package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// billDay returns the fifth day of the month so many months ago, as a file has it.
func billDay(monthsAgo int) string {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month()-time.Month(monthsAgo), 5, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
}

// foundBill is a bill as the app sends it.
func foundBill(id, merchant string) map[string]any {
	return map[string]any{
		"id": id, "name": merchant, "merchant": merchant, "amount": 25, "frequency": "monthly", "category": "Health", "status": "active", "confidence": 0.9,
		"nextDueDate": billDay(-1), "lastPaymentDate": billDay(1), "bankName": "Bank", "dayOfMonth": 5,
		"transactions": []any{
			map[string]any{"id": "a", "amount": -25, "date": billDay(2), "description": merchant}, map[string]any{"id": "b", "amount": -25, "date": billDay(1)},
		},
	}
}

// billsOf returns the user's bills by name.
func (s signedIn) billsOf(t *testing.T) map[string]map[string]any {
	t.Helper()
	got := call(t, "GET", "/bills/detected", s.token, nil)
	got.is(t, http.StatusOK, "", "")
	bills := map[string]map[string]any{}
	all, _ := got.body["bills"].([]any)
	for _, one := range all {
		bill, _ := one.(map[string]any)
		bills[fmt.Sprint(bill["name"])] = bill
	}
	return bills
}

// billLifecycle imports a bank's rows, among which the backend detects bills. The app adds
// what it found itself, and the user excludes, marks and renames.
func billLifecycle(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"GET", "/bills/detected"}, {"POST", "/bills/detected"}, {"DELETE", "/bills/detected/cache"}, {"GET", "/bills/preferences"}, {"PUT", "/bills/preferences"},
		{"POST", "/bills/preferences"}, {"PUT", "/bills/preferences/a"}, {"DELETE", "/bills/preferences/a"}, {"DELETE", "/bills/preferences/exclude/a"},
	} {
		call(t, operation.method, operation.path, "", nil).is(t, http.StatusUnauthorized, "", "")
	}
	grace := newSignedInUser(t, "bills.grace")
	if all := grace.billsOf(t); len(all) != 0 {
		t.Errorf("a new user has %v", all)
	}
	var rows []any
	for months := 1; months <= 6; months++ {
		price := -9.99
		if months <= 2 {
			price = -11.99
		}
		rows = append(rows, csvRow(billDay(months), price, fmt.Sprintf("CARD PAYMENT TO FILMHOUSE.COM,%d.99 GBP, RATE 1.00/GBP ON 05-01-2026", int(-price))),
			csvRow(billDay(1)[:8]+fmt.Sprintf("%02dT00:00:00Z", 5+3*months), -3.2, "SQ *CORNER CAFE"))
	}
	importsAs(t, grace, csvFile("monzo", rows...), 12, 0, 0)
	name := ""
	eventually(t, "the bill is detected", func() bool {
		for found := range grace.billsOf(t) {
			name = found
		}
		return name != ""
	})
	if name != "Filmhouse.com" {
		t.Errorf("the bill is named %q", name)
	}
	bill := grace.billsOf(t)[name]
	if bill["amount"] != 11.99 || bill["frequency"] != "monthly" || bill["status"] != "active" || len(bill["transactions"].([]any)) != 6 || len(grace.billsOf(t)) != 1 {
		t.Errorf("the bill is %v", bill)
	}
	if day, _ := bill["nextDueDate"].(string); day < time.Now().UTC().Format(time.DateOnly) || day[8:] != "05" {
		t.Errorf("it is due on %v", bill["nextDueDate"])
	}

	saved := call(t, "POST", "/bills/detected", grace.token, map[string]any{"bills": []any{foundBill("day_pattern_gym_day5", "Gym"), foundBill("bill_filmhouse_com_monthly", "filmhouse.com")}})
	saved.is(t, http.StatusOK, "", "")
	if all := grace.billsOf(t); saved.body["saved"] != 2.0 || len(all) != 2 || all["Gym"]["nextDueDate"] == nil || all[name]["amount"] != 11.99 {
		t.Errorf("the bills are %v", all)
	}
	call(t, "POST", "/bills/detected", grace.token, map[string]any{"bills": "none"}).is(t, http.StatusUnprocessableEntity, "", "")
	grace.choosesAboutBills(t, name)

	call(t, "DELETE", "/bills/detected/cache", grace.token, nil).is(t, http.StatusOK, "", "")
	if all := grace.billsOf(t); len(all) != 1 || all[name] == nil {
		t.Errorf("after clearing, the bills are %v", all)
	}
	for _, row := range storedOf(t, tables.Transactions, grace.id) {
		if row["day"] != nil && fmt.Sprint(row["amount"]) != "-3.2" {
			call(t, "DELETE", fmt.Sprint("/transactions/", row["transactionId"]), grace.token, nil).is(t, http.StatusOK, "", "")
		}
	}
	eventually(t, "the bill goes with its payments", func() bool { return len(grace.billsOf(t)) == 0 })
}

// plantBill stores what bills leave in their table: a bill of a device, and a choice.
func (s signedIn) plantBill(t *testing.T) {
	t.Helper()
	call(t, "POST", "/bills/detected", s.token, map[string]any{"bills": []any{foundBill("bill_gym_monthly", "Gym")}}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/bills/preferences/bill_gym_monthly", s.token, map[string]any{"status": "inactive"}).is(t, http.StatusOK, "", "")
	if stored := storedOf(t, tables.Bills, s.id); len(stored) != 2 {
		t.Errorf("of the bill is stored %v", stored)
	}
}

// choosesAboutBills lays choices over bills, under several ids.
func (s signedIn) choosesAboutBills(t *testing.T, name string) {
	t.Helper()
	call(t, "PUT", "/bills/preferences/bill_filmhouse_com_monthly", s.token, map[string]any{"category": "Housing"}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/bills/preferences/bill_gym_monthly", s.token, map[string]any{"status": "inactive"}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/bills/preferences/bill_gym_monthly", s.token, map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")
	if all := s.billsOf(t); all[name]["category"] != "Housing" || all["Gym"]["status"] != "cancelled" {
		t.Errorf("the bills are %v", all)
	}
	paid := call(t, "PUT", "/bills/preferences", s.token, map[string]any{"action": "paid", "billId": "bill_filmhouse_com_monthly", "isPaid": true})
	paid.is(t, http.StatusOK, "", "")
	if preference, _ := paid.body["preference"].(map[string]any); preference["paidAt"] == nil {
		t.Errorf("answered %s", paid.text)
	}
	call(t, "PUT", "/bills/preferences", s.token, map[string]any{"billId": "bill_filmhouse_com_monthly", "enabled": false}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/bills/preferences", s.token, map[string]any{"billId": "x"}).is(t, http.StatusUnprocessableEntity, "", "")
	call(t, "PUT", "/bills/preferences", s.token, map[string]any{
		"action": "create", "billId": "filmhouse.com-11.99", "category": "Subscriptions", "status": "inactive", "isIgnored": true, "customName": "Filmhouse.com",
		"exclusionReason": "user_choice",
	}).is(t, http.StatusOK, "", "")
	listed := call(t, "GET", "/bills/preferences", s.token, nil)
	listed.is(t, http.StatusOK, "", "")
	if all, _ := listed.body["preferences"].([]any); len(all) != 3 || len(s.billsOf(t)) != 1 {
		t.Errorf("the preferences are %s, the bills %v", listed.text, s.billsOf(t))
	}
	call(t, "DELETE", "/bills/preferences/exclude/filmhouse.com", s.token, nil).is(t, http.StatusOK, "", "")
	call(t, "DELETE", "/bills/preferences/exclude/filmhouse.com", s.token, nil).is(t, http.StatusNotFound, "", "")
	call(t, "POST", "/bills/preferences", s.token, map[string]any{"userId": "current-user", "billId": "bill_gym_monthly", "isIgnored": false, "status": "active"}).is(t, http.StatusOK, "", "")
	call(t, "POST", "/bills/preferences", s.token, map[string]any{"billId": "bill_gym_monthly"}).is(t, http.StatusUnprocessableEntity, "", "")
	call(t, "DELETE", "/bills/preferences/bill_gym_monthly", s.token, nil).is(t, http.StatusOK, "", "")
	call(t, "DELETE", "/bills/preferences/bill_gym_monthly", s.token, nil).is(t, http.StatusNotFound, "", "")
}
