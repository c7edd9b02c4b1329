package insights

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// opportunity is what a user could save in a category. Its description says the months
// and the amounts that it follows from.
type opportunity struct {
	Type                    string                `json:"type"`
	Title                   string                `json:"title"`
	Description             string                `json:"description"`
	PotentialMonthlySavings money.Amount          `json:"potentialMonthlySavings"`
	PotentialYearlySavings  money.Amount          `json:"potentialYearlySavings"` // twelve times the monthly
	Difficulty              string                `json:"difficulty"`
	Urgency                 string                `json:"urgency"`
	ActionSteps             function.List[string] `json:"actionSteps"`
}

// reducible are the categories of which users choose how much they spend.
var reducible = []categories.Code{
	categories.Food, categories.Groceries, categories.Transport, categories.Fuel, categories.Travel, categories.Shopping,
	categories.PersonalCare, categories.Home, categories.Gifts, categories.Entertainment, categories.Subscriptions,
}

// minSaving is the least that is worth a word, in pounds a month.
var minSaving = money.FromMinor(5, 0)

// opportunitiesOf returns the opportunities of the basis, the largest first. current is
// the month in which the user can begin, in words.
func opportunitiesOf(b basis, current string) []opportunity {
	var found []opportunity
	for _, code := range reducible {
		if one, worth := opportunityOf(b, code, current); worth {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(x, y opportunity) int { return y.PotentialMonthlySavings.Cmp(x.PotentialMonthlySavings) })
	return found
}

// opportunityOf compares an average month of a category with the cheapest one. There is
// nothing to learn from a month without any spending on it.
func opportunityOf(b basis, code categories.Code, current string) (opportunity, bool) {
	cheapest := slices.MinFunc(b, spendingOn(code))
	least, average := cheapest.Categories[string(code)].Spend, b.averageOf(string(code))
	saving := average.Sub(least)
	if least.Sign() <= 0 || saving.Cmp(minSaving) < 0 {
		return opportunity{}, false
	}
	name := nameOf(string(code))
	kind := "category_reduction"
	if code == categories.Subscriptions {
		kind = "subscription_optimization"
	}
	return opportunity{
		Type: kind, Title: "Spend less on " + name,
		Description: fmt.Sprintf("From %s you spent %s on %s in an average month, and %s in %s. Spending as in that month saves %s a month.",
			b.names(), average.Pounds(), name, least.Pounds(), inWords(cheapest.Month), saving.Pounds()),
		PotentialMonthlySavings: saving, PotentialYearlySavings: yearly(saving),
		Difficulty: difficultyOf(money.Percentage(saving, average).Decimal()), Urgency: b.urgencyOf(code),
		ActionSteps: []string{fmt.Sprintf("Spend at most %s on %s in %s.", least.Pounds(), name, current)},
	}, true
}

// spendingOn orders months by their spending on a category, the newer first among equals.
func spendingOn(code categories.Code) func(a, b month) int {
	return func(a, b month) int {
		return cmp.Or(a.Categories[string(code)].Spend.Cmp(b.Categories[string(code)].Spend), cmp.Compare(b.Month, a.Month))
	}
}

// difficultyOf says how hard it is to save a part of the spending, in percent: up to a
// tenth, up to a quarter, or more.
func difficultyOf(part decimal.Decimal) string {
	switch {
	case part.Cmp(decimal.NewFromInt(10)) <= 0:
		return "easy"
	case part.Cmp(decimal.NewFromInt(25)) <= 0:
		return "medium"
	}
	return "hard"
}

// urgencyOf is high when the last month cost more than it brought in, and medium when it
// was the most expensive month of the category.
func (b basis) urgencyOf(code categories.Code) string {
	switch {
	case b[0].Spend.Cmp(b[0].Income) > 0:
		return "high"
	case slices.MaxFunc(b, spendingOn(code)).Month == b[0].Month:
		return "medium"
	}
	return "low"
}

func totalOf(opportunities []opportunity) (sum money.Amount) {
	for _, one := range opportunities {
		sum = sum.Add(one.PotentialMonthlySavings)
	}
	return sum
}

func yearly(monthly money.Amount) money.Amount {
	all, _ := money.FromDecimal(monthly.Decimal().Mul(decimal.NewFromInt(12))) // twelve times what is in range
	return all
}
