package facts_test

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestRead_Months_AreComputed(t *testing.T) {
	known := factstest.Facts(t)
	groceries := facts.OfCategory(categories.Groceries)
	for _, want := range []struct {
		about   facts.Subject
		measure facts.Measure
		month   string
		text    string
	}{
		{facts.Total, facts.Spent, "2026-11", "£900"},
		{facts.Total, facts.Net, "2026-10", "£1,400"},
		{facts.Total, facts.Average, "", "£900"},
		{facts.Total, facts.Change, "2026-11", "-£100"},
		{facts.Total, facts.Payments, "2026-09", "25"},
		{groceries, facts.Spent, "2026-11", "£320.50"},
		{groceries, facts.Share, "2026-11", "35.6%"},
		{groceries, facts.Change, "2026-11", "£40.50"},
		{groceries, facts.Left, "2026-11", "£79.50"},
		{groceries, facts.Average, "", "£290"},
		{facts.OfCategory(categories.Transport), facts.Over, "2026-11", "£20"},
		{facts.OfGoal(0, "vacation"), facts.Progress, "", "30%"},
		{facts.OfGoal(0, "vacation"), facts.DaysLeft, "", "200"},
		{facts.AllBills, facts.BillsDue, "", "3"},
		{facts.AllBills, facts.Due, "", "£145.50"},
	} {
		if fact, has := known.Find(want.about, want.measure, want.month); !has || fact.Text() != want.text {
			t.Errorf("%s, %s, %s: got %s", want.about.Label(), want.measure, want.month, fact.Text())
		}
	}
}

// asked notes which months are read.
type asked struct{ from, to string }

// Months notes the months.
func (a *asked) Months(_ context.Context, _, from, to string) ([]transactionstore.Month, error) {
	a.from, a.to = from, to
	return nil, nil
}

// Half past midnight on 1 January in London is in the new year, and in winter in UTC too.
func TestRead_Months_AreLondons(t *testing.T) {
	for at, want := range map[string]asked{
		"2027-01-01T00:30:00Z": {"2026-10", "2027-01"},
		"2026-06-30T23:30:00Z": {"2026-04", "2026-07"},
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		var got asked
		known, err := facts.New(&got, factstest.Goals{}, factstest.Budgets{}, factstest.Credit{}, factstest.Bills{}).Read(t.Context(), "ada", now)
		if err != nil || got != want || known.Month() != want.to {
			t.Errorf("%s: read %v, %s, %v", at, got, known.Month(), err)
		}
	}
}

// What leaves has the fields of docs/privacy.md and no other.
func TestFact_JSON_HasWordsOfListsAndAFigure(t *testing.T) {
	text, err := json.Marshal(factstest.Facts(t))
	if err != nil {
		t.Fatal(err)
	}
	var sent struct {
		Today string
		Facts []map[string]string
	}
	if err := json.Unmarshal(text, &sent); err != nil || len(sent.Facts) < 30 || strings.Contains(strings.ToLower(string(text)), "choir") {
		t.Fatalf("%d facts, %v, %s", len(sent.Facts), err, text)
	}
	for _, fact := range sent.Facts {
		for name := range fact {
			if !strings.Contains(" about what month comparedWith value ", " "+name+" ") {
				t.Errorf("a fact has %s: %v", name, fact)
			}
		}
	}
}

// goalDue is a user's only goal, which is due after a time.
type goalDue time.Duration

// Query returns the goal.
func (g goalDue) Query(context.Context, store.Query) (store.Page[tables.Goal], error) {
	due := factstest.Now.Add(time.Duration(g)).UnixMilli()
	return store.Page[tables.Goal]{Items: []tables.Goal{{Type: "vacation", TargetAmount: money.FromMinor(100, 0), TargetDate: due}}}, nil
}

// The goals' screen tells the same days (goals.TestProgressOf_Figures_FollowFromAmountsAndDates).
func TestRead_DaysLeftOfAGoal_CountBegunDays(t *testing.T) {
	const day = 24 * time.Hour
	for left, want := range map[time.Duration]string{200 * day: "200", 200*day - 12*time.Hour: "200", day: "1", time.Hour: "1", 0: "", -day: ""} {
		known, err := facts.New(factstest.Months{}, goalDue(left), factstest.Budgets{}, factstest.Credit{}, noBills{}).Read(t.Context(), "ada", factstest.Now)
		if err != nil {
			t.Fatal(err)
		}
		fact, has := known.Find(facts.OfGoal(0, "vacation"), facts.DaysLeft, "")
		if has != (want != "") || has && fact.Text() != want {
			t.Errorf("%s are left, and told is %q", left, fact.Text())
		}
	}
}

// noBills are the bills of a user without any that is shown.
type noBills struct{}

// Read returns a bill that the user excluded.
func (noBills) Read(_ context.Context, _ string, today dates.Day) (billstore.Bills, error) {
	return billstore.Bills{Today: today, All: []billstore.Bill{{Status: billstore.Active, Due: today, Excluded: true}}}, nil
}

func TestRead_NoBills_TellsNothingOfThem(t *testing.T) {
	known, err := facts.New(factstest.Months{}, factstest.Goals{}, factstest.Budgets{}, factstest.Credit{}, noBills{}).Read(t.Context(), "ada", factstest.Now)
	if _, has := known.Find(facts.AllBills, facts.BillsDue, ""); err != nil || has || len(known.List) == 0 {
		t.Errorf("got %v, %v", known.List, err)
	}
}

// A measure that is missing in the list would fail the check of what leaves for the model.
func TestMeasures_EveryConstant_IsListed(t *testing.T) {
	source, err := os.ReadFile("fact.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^\t\w+ +Measure = "`).FindAll(source, -1)
	if len(declared) != len(factstest.Measures) || len(declared) < 20 {
		t.Errorf("%d measures are declared, %d listed", len(declared), len(factstest.Measures))
	}
}

// weeklyBills are the bills of a user with a weekly one that is due tomorrow.
type weeklyBills struct{}

func (weeklyBills) Read(_ context.Context, _ string, today dates.Day) (billstore.Bills, error) {
	due := billdetect.AddDays(today, 1)
	return billstore.Bills{Today: today, All: []billstore.Bill{
		{Status: billstore.Active, Due: due, Schedule: billdetect.ScheduleFrom(billdetect.Weekly, due), Amount: money.FromMinor(2000, 2)},
	}}, nil
}

func TestRead_WeeklyBill_CountsEachPayment(t *testing.T) {
	known, err := facts.New(factstest.Months{}, factstest.Goals{}, factstest.Budgets{}, factstest.Credit{}, weeklyBills{}).Read(t.Context(), "ada", factstest.Now)
	number, _ := known.Find(facts.AllBills, facts.BillsDue, "")
	sum, _ := known.Find(facts.AllBills, facts.Due, "")
	if err != nil || number.Text() != "1" || sum.Text() != "£100" && sum.Text() != "£100.00" {
		t.Errorf("got %s of %s, %v", number.Text(), sum.Text(), err)
	}
}
