package briefs

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/goals"
	"github.com/expenzez/infrastructure/lambdas/internal/billstore"
	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// sourcesPermissions are what a function declares that opens sources.
var sourcesPermissions = transactionstore.SpendByDayPermissions.And(transactionstore.MonthsPermissions).
	And(budgetstore.Permissions).And(goals.FiguresPermissions).And(billstore.ReadPermissions)

// sources are what briefs and reports are computed from. Bills alone take a data key.
type sources struct {
	transactions *transactionstore.Store
	budgets      *budgetstore.Reader
	goals        *goals.Figures
	bills        interface {
		Read(ctx context.Context, userID string, today dates.Day) (billstore.Bills, error)
	}
}

func openSources(resources *function.Resources) *sources {
	return &sources{transactionstore.OpenWithoutKey(resources), budgetstore.Open(resources), goals.OpenFigures(resources), billstore.Open(resources)}
}

// billDays is for how many days ahead bills are due soon.
const billDays = 7

// brief returns the brief of a user's day, as it is known at a moment in the user's zone. It
// returns accounts.ErrNotFound for a user without an account.
func (s *sources) brief(ctx context.Context, userID string, now time.Time) (tables.DailyBrief, error) {
	day := dates.DayOf(now)
	made := tables.DailyBrief{
		UserID: userID, ID: tables.DailyBriefPrefix + string(day), Day: string(day),
		GeneratedAt: now.UnixMilli(), ExpiresAt: now.Add(briefRetention).Unix(),
	}
	var err error
	if made.Spending, err = s.spending(ctx, userID, now); err != nil {
		return made, err
	}
	if made.Budgets, err = s.budgetsOf(ctx, userID, now.Format(dates.MonthLayout)); err != nil {
		return made, err
	}
	bills, err := s.bills.Read(ctx, userID, day)
	if err != nil {
		return made, err
	}
	made.Bills.Due, made.Bills.Amount = bills.TotalWithin(billDays)
	sum, err := s.goals.Of(ctx, userID, firstOfMonth(now, 0), now)
	made.Goals = tables.BriefGoals(sum)
	return made, err
}

// spending adds up at most two months of days.
func (s *sources) spending(ctx context.Context, userID string, now time.Time) (tables.BriefSpending, error) {
	monthBefore, month := firstOfMonth(now, -1), firstOfMonth(now, 0)
	spent, err := s.transactions.SpendByDay(ctx, userID, dates.DayOf(monthBefore), dates.DayOf(now))
	if err != nil {
		return tables.BriefSpending{}, err
	}
	between := func(from, to time.Time) (sum money.Amount) {
		for day, amount := range spent {
			if day >= dates.DayOf(from) && day <= dates.DayOf(to) {
				sum = sum.Add(amount)
			}
		}
		return sum
	}
	sameDay := monthBefore.AddDate(0, 0, min(now.Day(), month.AddDate(0, 0, -1).Day())-1)
	return tables.BriefSpending{
		Today: spent[dates.DayOf(now)],
		Week:  between(now.AddDate(0, 0, -6), now), WeekBefore: between(now.AddDate(0, 0, -13), now.AddDate(0, 0, -7)),
		Month: between(month, now), MonthBefore: between(monthBefore, sameDay),
	}, nil
}

// firstOfMonth returns the beginning of the month of a moment, or of one that is so many
// months later.
func firstOfMonth(at time.Time, later int) time.Time {
	return time.Date(at.Year(), at.Month()+time.Month(later), 1, 0, 0, 0, 0, at.Location())
}

func (s *sources) budgetsOf(ctx context.Context, userID, month string) (tables.BriefBudgets, error) {
	budgets, err := s.budgets.Of(ctx, userID, month)
	sum := tables.BriefBudgets{Total: len(budgets)}
	for _, budget := range budgets {
		switch {
		case budget.Over():
			sum.Exceeded++
		case budget.Reached(budget.AlertThreshold):
			sum.AtRisk++
		default:
			continue
		}
		if used := money.Percentage(budget.Spend, budget.Limit); sum.Concern == "" || used.Cmp(sum.Used) > 0 {
			sum.Concern, sum.Used, sum.Limit, sum.Spent = budget.ID, used, budget.Limit, budget.Spend
		}
	}
	return sum, err
}

// reportOf returns the report on a month, from its figures and those of the month before.
func reportOf(userID string, month, before transactionstore.Month, now time.Time) tables.MonthlyReport {
	report := tables.MonthlyReport{
		UserID: userID, ID: tables.MonthlyReportPrefix + month.Month, Month: month.Month, Count: month.Count,
		Income: month.Income, Expenses: month.Spend, IncomeBefore: before.Income, ExpensesBefore: before.Spend,
		Categories:  []tables.ReportCategory{},
		GeneratedAt: now.UnixMilli(), ExpiresAt: now.Add(reportRetention).Unix(),
	}
	for code, category := range month.Categories {
		if category.Spend.Sign() > 0 {
			report.Categories = append(report.Categories, tables.ReportCategory{Code: code, Amount: category.Spend})
		}
	}
	slices.SortFunc(report.Categories, func(a, b tables.ReportCategory) int {
		if larger := b.Amount.Cmp(a.Amount); larger != 0 {
			return larger
		}
		return strings.Compare(a.Code, b.Code)
	})
	report.Categories = report.Categories[:min(len(report.Categories), maxCategories)]
	return report
}

// maxCategories is how many categories a report has.
const maxCategories = 5
