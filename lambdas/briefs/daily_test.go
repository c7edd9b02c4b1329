package briefs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/billdetect"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// It is 15 July 2026: the week began on the 9th, the one before on the 2nd.
func TestDaily_SpendingSummary_IsAddedUpByHand(t *testing.T) {
	w := newWorld(t)
	w.add(
		row{"2026-07-15", -100, "groceries"}, row{"2026-07-09", -10, "fuel"}, // this week
		row{"2026-07-08", -200, "fuel"}, row{"2026-07-02", -20, "groceries"}, // the week before
		row{"2026-07-01", -1000, "home"},
		row{"2026-06-30", -7777, "home"}, // after the same day of the month before
		row{"2026-06-15", -500, "home"}, row{"2026-06-01", -50, "home"}, row{"2026-05-31", -99999, "home"},
		row{"2026-07-15", 123456, "salary"},
	)
	got := w.daily("ada")
	want := `{"todaySpent":1,"weekSpent":1.1,"monthSpent":13.3,"comparisonToLastWeek":-50,"comparisonToLastMonth":141.8}`
	if text := textOfJSON(t, got.SpendingSummary); text != want {
		t.Errorf("got %s", text)
	}
	if got.BriefID != "daily-2026-07-15" || got.Date != "2026-07-15" || got.Greeting != "Good morning" ||
		got.Insights[0].Message != "You spent £1.10 in seven days, 50% less than in the seven days before." {
		t.Errorf("got %+v", got)
	}
}

func TestDaily_LastDayOfALongMonth_ComparesWithTheWholeMonthBefore(t *testing.T) {
	w := newWorld(t)
	w.setTime("2026-03-31T23:30:00+01:00") // 1 April begins in UTC
	w.add(row{"2026-02-28", -100, "home"}, row{"2026-03-01", -200, "home"})
	if got := textOfJSON(t, w.daily("ada").SpendingSummary); !strings.HasSuffix(got, `"monthSpent":2,"comparisonToLastMonth":100}`) {
		t.Errorf("got %s", got)
	}
}

func TestDaily_UserWithoutAnything_HasAQuietDay(t *testing.T) {
	w := newWorld(t)
	got := w.daily("ada")
	want := `"spendingSummary":{"todaySpent":0,"weekSpent":0,"monthSpent":0},"budgetStatus":{"totalBudgets":0,"budgetsOnTrack":0,"budgetsAtRisk":0,"budgetsExceeded":0},` +
		`"insights":[{"title":"A quiet day","message":"There is nothing that needs your attention today.","type":"MOTIVATIONAL"}]`
	if text := textOfJSON(t, got); !strings.Contains(text, want) {
		t.Errorf("got %s", text)
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"daily-2026-07-15", "reader"}) {
		t.Errorf("stored are %v", ids)
	}
}

// Several requests find no brief, and each makes one at its own time. They store it one
// after another, and show what they then read: all show the first.
func TestDaily_RequestsAtOnce_ShowOneBrief(t *testing.T) {
	const requests = 20
	w := newWorld(t)
	shown, problems := make([]dailyBrief, requests), make([]error, requests)
	var all, arrived sync.WaitGroup
	var turn sync.Mutex
	arrived.Add(requests)
	for i := range requests {
		all.Go(func() {
			m := w.maker(&barrier{Client: dynamotest.Client(t), all: &arrived, turn: &turn})
			m.now = func() time.Time { return w.now().Add(time.Duration(i) * time.Second) }
			got, err := m.Daily(t.Context(), caller("ada"), function.NoInput{})
			turn.Unlock()
			shown[i], problems[i] = got.Brief, err
		})
	}
	all.Wait()
	must(t, errors.Join(problems...))
	for _, brief := range shown {
		if brief.GeneratedAt != shown[0].GeneratedAt {
			t.Errorf("one shows %+v, another %+v", shown[0], brief)
		}
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"daily-2026-07-15", "reader"}) {
		t.Errorf("stored are %v", ids)
	}
}

// barrier is DynamoDB as a request sees it whose first transaction waits for those of all
// requests, and then for its turn, which it has until the request ends.
type barrier struct {
	store.Client
	all  *sync.WaitGroup
	turn *sync.Mutex
	once sync.Once
}

func (b *barrier) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	b.once.Do(func() {
		b.all.Done()
		b.all.Wait()
		b.turn.Lock()
	})
	return b.Client.TransactWriteItems(ctx, in, options...)
}

func TestDaily_BriefOfTheDay_StaysAsItWasMade(t *testing.T) {
	w := newWorld(t)
	first := w.daily("ada")
	w.add(row{"2026-07-15", -100, "home"})
	w.at.Add(time.Hour.Milliseconds())
	if again := w.daily("ada"); again.GeneratedAt != first.GeneratedAt || !again.SpendingSummary.TodaySpent.IsZero() {
		t.Errorf("first %+v, then %+v", first, again)
	}
	w.setTime("2026-07-16T00:00:00+01:00")
	if next := w.daily("ada"); next.BriefID != "daily-2026-07-16" || next.SpendingSummary.WeekSpent.String() != "1" {
		t.Errorf("the next day: %+v", next)
	}
	if _, err := w.maker(dynamotest.Client(t)).Daily(t.Context(), caller("gone"), function.NoInput{}); !errors.Is(err, errNoBrief) || len(w.ids("gone")) != 0 {
		t.Errorf("a user without an account: %v, %v", err, w.ids("gone"))
	}
}

func TestView_Brief_IsSeenOnce(t *testing.T) {
	w := newWorld(t)
	brief := w.daily("ada")
	m := w.maker(dynamotest.Client(t))
	w.setTime("2026-07-15T08:00:00Z")
	for range 2 {
		_, err := m.View(t.Context(), caller("ada"), viewRequest{brief.BriefID})
		must(t, err)
		w.at.Add(time.Minute.Milliseconds())
	}
	if got := w.daily("ada").ViewedAt; got != "2026-07-15T08:00:00.000Z" {
		t.Errorf("seen at %s", got)
	}
	for _, one := range [][2]string{{"eve", brief.BriefID}, {"ada", "daily-2026-01-01"}, {"ada", tables.BriefReaderID}} {
		if _, err := m.View(t.Context(), caller(one[0]), viewRequest{one[1]}); !errors.Is(err, errNoBrief) {
			t.Errorf("%v: got %v", one, err)
		}
	}
	if len(w.ids("eve")) != 0 {
		t.Errorf("eve has %v", w.ids("eve"))
	}
}

func TestInsightsOf_EachFigure_IsSaid(t *testing.T) {
	for want, brief := range map[string]tables.DailyBrief{
		"SPENDING_PATTERN You spent £3.00 in seven days, 50% more than in the seven days before.": {Spending: tables.BriefSpending{Week: pounds(t, "3"), WeekBefore: pounds(t, "2")}},
		"SPENDING_PATTERN You spent £3.00 in seven days, as much as in the seven days before.":    {Spending: tables.BriefSpending{Week: pounds(t, "3"), WeekBefore: pounds(t, "3")}},
		"BUDGET_ADVICE 90% of Groceries is used, and £10.00 is left.":                             {Budgets: tables.BriefBudgets{Concern: "groceries", Used: pounds(t, "90"), Limit: pounds(t, "100"), Spent: pounds(t, "90")}},
		"BUDGET_ADVICE Groceries is £0.01 above its budget of £100.00.":                           {Budgets: tables.BriefBudgets{Concern: "groceries", Limit: pounds(t, "100"), Spent: pounds(t, "100.01")}},
		"BUDGET_ADVICE 2 bills are due within seven days, £31.98 in all.":                         {Bills: tables.BriefBills{Due: 2, Amount: pounds(t, "31.98")}},
		"GOAL_PROGRESS One goal is behind the date, and would need £149.70 a month.":              {Goals: tables.BriefGoals{Behind: 1, Needed: pounds(t, "149.7")}},
		"GOAL_PROGRESS You put £20.00 towards your goals this month.":                             {Goals: tables.BriefGoals{Saved: pounds(t, "20")}},
		"MOTIVATIONAL There is nothing that needs your attention today.":                          {},
	} {
		got := insightsOf(brief)
		if len(got) != 1 || fmt.Sprint(got[0].Type, " ", got[0].Message) != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestDaily_BudgetsBillsAndGoals_AreCounted(t *testing.T) {
	w := newWorld(t)
	created := w.now().AddDate(0, -6, 0).UnixMilli()
	item := func(id, current string, paused bool) tables.Goal {
		return tables.Goal{
			UserID: "ada", GoalID: id, TargetAmount: pounds(t, "1000"), CurrentAmount: pounds(t, current), Paused: paused, CreatedAt: created,
			TargetDate:    w.now().AddDate(0, 6, 0).UnixMilli(),
			Contributions: []tables.GoalContribution{{Amount: pounds(t, "5"), At: w.now().UnixMilli()}, {Amount: pounds(t, "700"), At: created}},
		}
	}
	stored := store.New[tables.Goal](dynamotest.Client(t), w.goals, tables.Goals)
	for _, goal := range []tables.Goal{item("behind", "100", false), item("on track", "900", false), item("paused", "100", true), item("reached", "1000", false)} {
		must(t, stored.Put(t.Context(), goal))
	}
	budgets := store.New[tables.BudgetPreferences](dynamotest.Client(t), w.budgets, tables.Budgets)
	preferences := tables.BudgetPreferences{UserID: "ada", ID: tables.BudgetPreferencesID, Budgets: map[string]tables.Budget{
		"groceries": {Limit: pounds(t, "100")}, "fuel": {Limit: pounds(t, "10")}, "home": {Limit: pounds(t, "100")},
	}}
	must(t, budgets.Put(t.Context(), preferences))
	bill := func(cadence billdetect.Cadence, due dates.Day, amount string) billstore.Bill {
		return billstore.Bill{ID: amount, Status: billstore.Active, Due: due, Schedule: billdetect.ScheduleFrom(cadence, due), Amount: pounds(t, amount)}
	}
	excluded, paid := bill(billdetect.Monthly, "2026-07-16", "500"), bill(billdetect.Weekly, "2026-07-15", "3")
	excluded.Excluded, paid.Paid = true, true
	w.bills = []billstore.Bill{
		bill(billdetect.Monthly, "2026-07-22", "9.99"), bill(billdetect.Weekly, "2026-07-15", "20"), bill(billdetect.Monthly, "2026-07-23", "400"), excluded, paid,
	}
	w.add(row{"2026-07-01", -9000, "groceries"}, row{"2026-07-02", -1001, "fuel"}, row{"2026-07-03", -7999, "home"})
	got := w.daily("ada")
	if text := textOfJSON(t, got.BudgetStatus); text != `{"totalBudgets":3,"budgetsOnTrack":1,"budgetsAtRisk":1,"budgetsExceeded":1,"topConcern":{"category":"Fuel","percentage":100.1,"remaining":-0.01}}` {
		t.Errorf("the budgets are %s", text)
	}
	brief, err := w.maker(dynamotest.Client(t)).briefs.Get(t.Context(), store.Key{"ada", got.BriefID}, store.Consistent)
	must(t, err)
	if brief.Goals.Active != 2 || brief.Goals.Behind != 1 || brief.Goals.Saved.String() != "20" || brief.Goals.Needed.Sign() <= 0 {
		t.Errorf("the goals are %+v", brief.Goals)
	}
	if brief.Bills.Due != 3 || brief.Bills.Amount.String() != "52.99" {
		t.Errorf("the bills are %+v", brief.Bills)
	}
}
