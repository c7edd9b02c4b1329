package briefs

import (
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

type dailyResponse struct {
	Brief dailyBrief `json:"brief"`
}

// dailyBrief is a brief as the app draws it.
type dailyBrief struct {
	BriefID         string                 `json:"briefId"`
	UserID          string                 `json:"userId"`
	Date            dates.Day              `json:"date"`
	Greeting        string                 `json:"greeting"`
	SpendingSummary spendingSummary        `json:"spendingSummary"`
	BudgetStatus    budgetStatus           `json:"budgetStatus"`
	Insights        function.List[insight] `json:"insights"`
	GeneratedAt     dates.Instant          `json:"generatedAt"`
	ViewedAt        dates.Instant          `json:"viewedAt,omitempty"`
}

// spendingSummary is what was spent until the brief was made. The comparisons are in
// percent, and left out where nothing was spent before.
type spendingSummary struct {
	TodaySpent            money.Amount  `json:"todaySpent"`
	WeekSpent             money.Amount  `json:"weekSpent"`
	MonthSpent            money.Amount  `json:"monthSpent"`
	ComparisonToLastWeek  *money.Amount `json:"comparisonToLastWeek,omitempty"`
	ComparisonToLastMonth *money.Amount `json:"comparisonToLastMonth,omitempty"`
}

type budgetStatus struct {
	TotalBudgets    int         `json:"totalBudgets"`
	BudgetsOnTrack  int         `json:"budgetsOnTrack"`
	BudgetsAtRisk   int         `json:"budgetsAtRisk"`
	BudgetsExceeded int         `json:"budgetsExceeded"`
	TopConcern      *topConcern `json:"topConcern,omitempty"`
}

// topConcern is the budget of which most is used. Remaining is negative for one that is
// exceeded.
type topConcern struct {
	Category   string       `json:"category"`
	Percentage money.Amount `json:"percentage"`
	Remaining  money.Amount `json:"remaining"`
}

type insight struct {
	Title   string `json:"title"`
	Message string `json:"message"`
	Type    string `json:"type"`
}

func briefOf(b tables.DailyBrief, now time.Time) dailyBrief {
	shown := dailyBrief{
		BriefID: b.ID, UserID: b.UserID, Date: dates.Day(b.Day), Greeting: greeting(now.Hour()),
		SpendingSummary: spendingSummary{
			TodaySpent: b.Spending.Today, WeekSpent: b.Spending.Week, MonthSpent: b.Spending.Month,
			ComparisonToLastWeek: change(b.Spending.Week, b.Spending.WeekBefore), ComparisonToLastMonth: change(b.Spending.Month, b.Spending.MonthBefore),
		},
		BudgetStatus: budgetStatus{
			TotalBudgets: b.Budgets.Total, BudgetsOnTrack: b.Budgets.Total - b.Budgets.AtRisk - b.Budgets.Exceeded,
			BudgetsAtRisk: b.Budgets.AtRisk, BudgetsExceeded: b.Budgets.Exceeded,
		},
		Insights: insightsOf(b), GeneratedAt: dates.Milliseconds(b.GeneratedAt),
	}
	if b.Budgets.Concern != "" {
		shown.BudgetStatus.TopConcern = &topConcern{budgetstore.NameOf(b.Budgets.Concern), b.Budgets.Used, b.Budgets.Limit.Sub(b.Budgets.Spent)}
	}
	if b.ViewedAt > 0 {
		shown.ViewedAt = dates.Milliseconds(b.ViewedAt)
	}
	return shown
}

func greeting(hour int) string {
	switch {
	case hour < 12:
		return "Good morning"
	case hour < 18:
		return "Good afternoon"
	}
	return "Good evening"
}

// change returns by how much an amount is above another, in percent, or nil where the
// other is zero.
func change(now, before money.Amount) *money.Amount {
	if before.Sign() <= 0 {
		return nil
	}
	percent := money.Percentage(now.Sub(before), before)
	return &percent
}

// insightsOf says what the figures of a brief mean, each in one sentence with its figures.
func insightsOf(b tables.DailyBrief) (all []insight) {
	add := func(kind, title, format string, values ...any) {
		all = append(all, insight{title, fmt.Sprintf(format, values...), kind})
	}
	if compared := change(b.Spending.Week, b.Spending.WeekBefore); compared != nil {
		add("SPENDING_PATTERN", "Your week", "You spent %s in seven days, %s the seven days before.", b.Spending.Week.Pounds(), comparison(*compared))
	}
	if concern := b.Budgets.Concern; concern != "" {
		left := b.Budgets.Limit.Sub(b.Budgets.Spent)
		if left.Sign() < 0 {
			add("BUDGET_ADVICE", "A budget is exceeded", "%s is %s above its budget of %s.", budgetstore.NameOf(concern), left.Abs().Pounds(), b.Budgets.Limit.Pounds())
		} else {
			add("BUDGET_ADVICE", "A budget is nearly used", "%s%% of %s is used, and %s is left.", b.Budgets.Used, budgetstore.NameOf(concern), left.Pounds())
		}
	}
	if b.Bills.Due > 0 {
		add("BUDGET_ADVICE", "Bills this week", "%s due within seven days, %s in all.", counted(b.Bills.Due, "bill is", "bills are"), b.Bills.Amount.Pounds())
	}
	switch {
	case b.Goals.Behind > 0:
		add("GOAL_PROGRESS", "Your goals", "%s behind the date, and would need %s a month.", counted(b.Goals.Behind, "goal is", "goals are"), b.Goals.Needed.Pounds())
	case b.Goals.Saved.Sign() > 0:
		add("GOAL_PROGRESS", "Your goals", "You put %s towards your goals this month.", b.Goals.Saved.Pounds())
	}
	if len(all) == 0 {
		add("MOTIVATIONAL", "A quiet day", "There is nothing that needs your attention today.")
	}
	return all
}

func comparison(percent money.Amount) string {
	switch percent.Sign() {
	case -1:
		return fmt.Sprintf("%s%% less than in", percent.Abs())
	case 1:
		return fmt.Sprintf("%s%% more than in", percent)
	}
	return "as much as in"
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "One " + one
	}
	return fmt.Sprint(n, " ", many)
}
