package bills

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Whatever devices send and users choose, the detected bills that are not excluded are
// listed, the excluded ones are not, and the app can show each (which list checks).
func TestList_RandomHistories_DetectedBillsStayUnlessExcluded(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t)
		merchants := []string{"NETFLIX.COM", "ACME GYM", "ELM HOUSE CARE"}
		payments, excluded := map[string][]string{}, map[string]bool{}
		for step := range 25 {
			merchant := merchants[random.IntN(len(merchants))]
			switch random.IntN(7) {
			case 0, 1: // three payments and more are a bill
				if len(payments[merchant]) == 0 {
					payments[merchant] = w.pay(merchant, 999, spring...)
				}
			case 2:
				for _, id := range payments[merchant] {
					w.apply(transactionstore.Delete(id))
				}
				delete(payments, merchant)
			case 3:
				w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill(fmt.Sprint("device-", step), merchant, "2026-06-20", 10)))
			case 4:
				w.command(fmt.Sprintf(`{"action":"create","billId":"%s-9.99","customName":%q,"isIgnored":true}`, merchant, merchant))
				excluded[merchant] = true
			case 5:
				if _, err := w.edit().Include(t.Context(), caller("ada"), includeRequest{merchant}); (err == nil) != excluded[merchant] {
					t.Fatalf("seed %d, step %d: included again: %v", seed, step, err)
				}
				delete(excluded, merchant)
			case 6:
				_, err := w.edit().ClearFound(t.Context(), caller("ada"), function.NoInput{})
				must(t, err)
			}
			w.run()
			listed := map[string]int{}
			for _, bill := range w.list() {
				listed[bill.Name]++
			}
			for _, name := range merchants {
				if detected := len(payments[name]) > 0; detected && !excluded[name] && listed[name] != 1 || excluded[name] && listed[name] > 0 || listed[name] > 1 {
					t.Fatalf("seed %d, step %d: %s is listed %d times; detected %v, excluded %v", seed, step, name, listed[name], detected, excluded[name])
				}
			}
		}
	}
}

// Each due day that is listed is a due day of the schedule, on whatever day it is read.
func TestList_EachDayOfAYear_DueDaysFollowFromTheAnchor(t *testing.T) {
	w := newWorld(t)
	w.pay("NETFLIX.COM", 999, "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31")
	w.run()
	var before dates.Day
	for range 365 {
		due := w.list()[0].NextDueDate
		at, err := time.Parse(time.DateOnly, string(due))
		must(t, err)
		if at.AddDate(0, 0, 1).Day() != 1 || due < before {
			t.Fatalf("on %s it is due on %s, after %s", w.store.Today(), due, before)
		}
		before = due
		w.at = w.at.AddDate(0, 0, 1)
	}
}

// Any sequence of choices under any ids of a bill says what the same sequence says under one
// id. The clock stands still, so that the order counts and not the time.
func TestChoose_RandomIDsOfABill_SayWhatOneIDSays(t *testing.T) {
	w := newWorld(t)
	random := rand.New(rand.NewPCG(3, 7))
	for _, pair := range [][2]string{{"ALPHA", "BRAVO"}, {"DELTA", "ECHO"}, {"HOTEL", "INDIA"}} {
		ids := [2][]string{}
		for i, merchant := range pair {
			w.pay(merchant, 999, spring...)
			name := strings.ToLower(merchant)
			w.save(fmt.Sprintf(`{"bills":[%s]}`, deviceBill("bill_"+name+"_club_monthly", merchant, "2026-06-20", 10)))
			ids[i] = []string{"bill_" + name + "_monthly", "bill_" + name + "_club_monthly", "day_pattern_" + name + "_day5", name + "-9.99"}
		}
		w.run()
		for step := range 14 {
			change := []string{
				`"action":"category","category":"Insurance"`, `"action":"category","category":"Housing"`, `"action":"status","status":"inactive"`,
				`"action":"status","status":"active"`, `"action":"name","customName":"%s club"`, `"action":"name","customName":"%s"`, `"action":"create","customName":"%s"`,
				`"action":"create","isIgnored":false`, `"action":"paid","isPaid":true`, `"action":"paid","isPaid":false`, `"enabled":false`, `"enabled":true`,
			}[random.IntN(12)]
			said := [2]string{}
			for i, merchant := range pair {
				id := ids[i][random.IntN(len(ids[i]))*(1-i)] // any of the first, one of the second
				w.command(fmt.Sprintf(`{"billId":%q,%s}`, id, strings.ReplaceAll(change, "%s", merchant)))
				bills, err := w.store.Read(t.Context(), "ada", w.store.Today())
				must(t, err)
				for _, bill := range bills.All {
					if bill.ID == ids[i][0] {
						said[i] = fmt.Sprint(strings.TrimPrefix(bill.Name, merchant), bill.Category, bill.Status, bill.Muted, bill.Excluded, bill.Paid, bill.Modified)
					}
				}
			}
			if said[0] != said[1] || said[0] == "" {
				t.Fatalf("%s, step %d, after %s: got %s, and under one id %s", pair[0], step, change, said[0], said[1])
			}
		}
	}
}
