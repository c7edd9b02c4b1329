package briefs

import (
	"fmt"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// monthlyResponse has a report, or says that there is none yet.
type monthlyResponse struct {
	Report     *monthlyReport `json:"report,omitempty"`
	HasReports bool           `json:"hasReports"`
	Message    string         `json:"message,omitempty"`
}

type monthlyReport struct {
	UserID      string        `json:"userId"`
	ReportMonth string        `json:"reportMonth"`
	GeneratedAt dates.Instant `json:"generatedAt"`
	ReportData  reportData    `json:"reportData"`
}

// reportData has the figures of the month, without what is excluded.
type reportData struct {
	TotalIncome      money.Amount                  `json:"totalIncome"`
	TotalExpenses    money.Amount                  `json:"totalExpenses"`
	NetFlow          money.Amount                  `json:"netFlow"`
	TransactionCount int                           `json:"transactionCount"`
	TopCategories    function.List[reportCategory] `json:"topCategories"`
	MonthlyInsights  string                        `json:"monthlyInsights"` // Markdown
	Trends           reportTrends                  `json:"trends"`
}

type reportCategory struct {
	Category string       `json:"category"`
	Amount   money.Amount `json:"amount"`
}

// reportTrends compare with the month before, in percent. They are left out where that
// month has nothing to compare with.
type reportTrends struct {
	IncomeChange  *money.Amount `json:"incomeChange,omitempty"`
	ExpenseChange *money.Amount `json:"expenseChange,omitempty"`
}

func monthlyOf(r tables.MonthlyReport) monthlyReport {
	data := reportData{
		TotalIncome: r.Income, TotalExpenses: r.Expenses, NetFlow: r.Income.Sub(r.Expenses), TransactionCount: r.Count,
		MonthlyInsights: monthlyText(r),
		Trends:          reportTrends{change(r.Income, r.IncomeBefore), change(r.Expenses, r.ExpensesBefore)},
	}
	for _, category := range r.Categories {
		data.TopCategories = append(data.TopCategories, reportCategory{nameOf(category.Code), category.Amount})
	}
	return monthlyReport{UserID: r.UserID, ReportMonth: r.Month, GeneratedAt: dates.Milliseconds(r.GeneratedAt), ReportData: data}
}

func nameOf(code string) string { return categories.Code(code).In(categories.BudgetKeys) }

// monthlyText is the report in Markdown: one line for each figure.
func monthlyText(r tables.MonthlyReport) string {
	month, _ := time.Parse(dates.MonthLayout, r.Month) // we wrote it
	net := r.Income.Sub(r.Expenses)
	lines := []string{fmt.Sprintf("**%s** in figures:", month.Format("January 2006")), ""}
	lines = append(lines, fmt.Sprintf("- You earned %s and spent %s.", r.Income.Pounds(), r.Expenses.Pounds()))
	if net.Sign() < 0 {
		lines = append(lines, fmt.Sprintf("- You spent %s more than you earned.", net.Abs().Pounds()))
	} else {
		lines = append(lines, fmt.Sprintf("- %s was left.", net.Pounds()))
	}
	if compared := change(r.Expenses, r.ExpensesBefore); compared != nil {
		lines = append(lines, fmt.Sprintf("- You spent %s the month before.", comparison(*compared)))
	}
	if len(r.Categories) > 0 {
		top := r.Categories[0]
		lines = append(lines, fmt.Sprintf("- Most went to %s: %s, which is %s%% of your spending.", nameOf(top.Code), top.Amount.Pounds(), money.Percentage(top.Amount, r.Expenses)))
	}
	return strings.Join(lines, "\n")
}
