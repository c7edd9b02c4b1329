package bills

import (
	"fmt"
	"math/rand/v2"
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
