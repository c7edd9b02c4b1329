package ai

import (
	"context"
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
)

// chartRequest asks for a comment on a chart. Of the chart's data, only the category is
// read: the figures are the backend's.
type chartRequest struct {
	ChartType string                     `json:"chartType" validate:"oneof=spending budget category balance forecast"`
	Data      map[string]json.RawMessage `json:"data" validate:"required"`
}

// category returns the category that the chart is about, or "" for all of them.
func (r chartRequest) category() categories.Code {
	var word string
	if json.Unmarshal(r.Data["category"], &word) != nil {
		return ""
	}
	code, _ := categories.Known(word)
	return code
}

type chartResponse struct {
	Success    bool   `json:"success"`
	Insight    string `json:"insight"`
	Priority   string `json:"priority"`
	Actionable string `json:"actionable"`
	Cached     bool   `json:"cached"`
}

// chart is what is said about a kind of chart.
type chart struct {
	task       string
	actionable string
	// isAbout reports whether a fact belongs to the chart, which may be about a category.
	isAbout  func(fact facts.Fact, category categories.Code) bool
	priority func(known facts.Facts) string
}

var charts = map[string]chart{
	"spending": {
		"Comment in one paragraph on the spending of this month compared with other months.", "Look at your largest category first.",
		func(f facts.Fact, _ categories.Code) bool {
			return f.About.Goal == "" && !f.About.Bills && f.Unit != facts.Count && !f.IsCredit()
		}, spendingPriority,
	},
	"category": {
		"Comment in one paragraph on how this month's spending is divided into categories.", "Set a budget for your largest category.",
		func(f facts.Fact, _ categories.Code) bool {
			return f.About.Category != "" || f.About == facts.Total && f.Measure == facts.Spent
		}, sharePriority,
	},
	"budget": {
		"Comment in one paragraph on this category and its budget.", "Check what is left before the next purchase.",
		isBudget, budgetPriority,
	},
	"balance":  {balanceTask, balanceAction, isBalance, balancePriority},
	"forecast": {balanceTask, balanceAction, isBalance, balancePriority},
}

const (
	balanceTask   = "Comment in one paragraph on income and spending of the months."
	balanceAction = "Compare what comes in with what goes out."
)

func isBalance(f facts.Fact, _ categories.Code) bool {
	return f.About == facts.Total && f.Unit == facts.GBP && !f.IsCredit()
}

// isBudget reports whether a fact is about the category, or without one about any
// category or all spending.
func isBudget(f facts.Fact, category categories.Code) bool {
	if category != "" {
		return f.About.Category == category
	}
	return f.About.Category != "" || f.About == facts.Total && f.Unit != facts.Count && !f.IsCredit()
}

// The priorities.
const (
	high   = "high"
	medium = "medium"
	low    = "low"
)

// ChartInsight comments on a chart of a caller with the premium plan.
func (a *assistant) ChartInsight(ctx context.Context, caller function.Caller, in chartRequest) (chartResponse, error) {
	user, err := a.user(ctx, caller)
	if err != nil {
		return chartResponse{}, err
	}
	if err := entitlement.CheckPremium(user.Plan, "Comments on charts"); err != nil {
		return chartResponse{}, err
	}
	all, err := a.facts.Read(ctx, caller.UserID, a.now())
	if err != nil {
		return chartResponse{}, err
	}
	about, category := charts[in.ChartType], in.category()
	known := all.Only(func(f facts.Fact) bool { return about.isAbout(f, category) })
	response := chartResponse{Success: true, Insight: known.Summary(), Priority: about.priority(known), Actionable: about.actionable}
	if len(known.List) == 0 {
		return response, nil
	}
	text, err := a.writer.Write(ctx, phrasing.Request{User: user, Kind: aiusage.ChartInsight, Task: about.task, Facts: known})
	if err != nil {
		return chartResponse{}, aiusage.AsAPIError(err)
	}
	if text != "" {
		response.Insight = text
	}
	return response, nil
}

// level returns a priority for a percentage.
func level(percent decimal.Decimal, mediumFrom, highFrom int64) string {
	switch {
	case percent.GreaterThanOrEqual(decimal.NewFromInt(highFrom)):
		return high
	case percent.GreaterThanOrEqual(decimal.NewFromInt(mediumFrom)):
		return medium
	default:
		return low
	}
}

// spendingPriority compares what is spent of the month with an average month.
func spendingPriority(known facts.Facts) string {
	spent, hasSpent := known.Find(facts.Total, facts.Spent, known.Month())
	average, hasAverage := known.Find(facts.Total, facts.Average, "")
	if !hasSpent || !hasAverage || !average.Value.IsPositive() {
		return low
	}
	return level(spent.Value.Mul(decimal.NewFromInt(100)).Div(average.Value), 80, 100)
}

func sharePriority(known facts.Facts) string {
	largest := decimal.Zero
	for _, f := range known.List {
		if f.Measure == facts.Share && f.Month == known.Month() {
			largest = decimal.Max(largest, f.Value)
		}
	}
	return level(largest, 35, 50)
}

func budgetPriority(known facts.Facts) string {
	most := decimal.Zero
	for _, f := range known.List {
		if f.Measure == facts.Used {
			most = decimal.Max(most, f.Value)
		}
	}
	return level(most, 80, 100)
}

func balancePriority(known facts.Facts) string {
	if net, has := known.Find(facts.Total, facts.Net, known.Month()); has && net.Value.IsNegative() {
		return high
	}
	return low
}
