package facts

import (
	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/budgetstore"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
)

// maxBudgets is how many budgets are told, the monthly one first.
const maxBudgets = 10

// ofBudgets returns the facts of a month's budgets.
func ofBudgets(month string, budgets []budgetstore.Budget) (told []Fact) {
	for _, b := range budgets[:min(len(budgets), maxBudgets)] {
		about := Total
		if !b.Monthly() {
			about = OfCategory(categories.Code(b.ID))
		}
		told = append(told, Amount(about, Limit, month, b.Limit), Percentage(about, Used, month, b.Used()))
		if b.Over() {
			told = append(told, Amount(about, Over, month, b.Spend.Sub(b.Limit)))
		} else {
			told = append(told, Amount(about, Left, month, b.Limit.Sub(b.Spend)))
		}
		if !b.Monthly() { // the category need not be among the largest
			told = append(told, Amount(about, Spent, month, b.Spend))
		}
	}
	return told
}

// UsedOf returns how much of a budget is used, in percent, zero without one.
func (f Facts) UsedOf(about Subject) decimal.Decimal {
	used, _ := f.Find(about, Used, f.Month())
	return used.Value
}
