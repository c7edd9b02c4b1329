package facts

import (
	"cmp"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

const (
	// monthsTold is how many months are told one by one, the current one included.
	monthsTold = 3
	// monthsAveraged is how many whole months an average is of at most.
	monthsAveraged = 3
	// maxCategories is how many categories of a month are told, the largest first.
	maxCategories = 6
)

// spending returns the facts of months: sums, shares, changes and averages.
func spending(current string, months []transactionstore.Month) []Fact {
	byMonth := map[string]transactionstore.Month{}
	for _, m := range months {
		byMonth[m.Month] = m
	}
	var told []Fact
	for i := range monthsTold {
		if m, has := byMonth[dates.AddMonths(current, -i)]; has {
			told = append(told, ofMonth(m)...)
		}
	}
	for i := range monthsTold - 1 {
		later, hasLater := byMonth[dates.AddMonths(current, -i)]
		earlier, hasEarlier := byMonth[dates.AddMonths(current, -i-1)]
		if hasLater && hasEarlier {
			told = append(told, changes(later, earlier)...)
		}
	}
	return append(told, averages(current, byMonth)...)
}

func ofMonth(m transactionstore.Month) []Fact {
	told := []Fact{
		Amount(Total, Spent, m.Month, m.Spend),
		Amount(Total, Income, m.Month, m.Income),
		Amount(Total, Net, m.Month, m.Income.Sub(m.Spend)),
		Number(Total, Payments, m.Month, m.Count),
	}
	for _, code := range largest(m) {
		spent := m.Categories[string(code)].Spend
		told = append(told, Amount(OfCategory(code), Spent, m.Month, spent))
		if m.Spend.Sign() > 0 {
			told = append(told, Percentage(OfCategory(code), Share, m.Month, percentOf(spent, m.Spend)))
		}
	}
	return told
}

// largest returns the categories in which most was spent in a month.
func largest(m transactionstore.Month) []categories.Code {
	var codes []categories.Code
	for code, of := range m.Categories {
		if of.Spend.Sign() > 0 {
			codes = append(codes, categories.Code(code))
		}
	}
	slices.SortFunc(codes, func(a, b categories.Code) int {
		return cmp.Or(m.Categories[string(b)].Spend.Cmp(m.Categories[string(a)].Spend), cmp.Compare(a, b))
	})
	return codes[:min(len(codes), maxCategories)]
}

// changes returns what changed in spending from one month to the next, in money and in
// percent.
func changes(later, earlier transactionstore.Month) []Fact {
	told := change(Total, later, earlier, later.Spend, earlier.Spend)
	for _, code := range largest(later) {
		before := earlier.Categories[string(code)].Spend
		if before.Sign() > 0 {
			told = append(told, change(OfCategory(code), later, earlier, later.Categories[string(code)].Spend, before)...)
		}
	}
	return told
}

func change(about Subject, later, earlier transactionstore.Month, now, before money.Amount) []Fact {
	if before.Sign() <= 0 {
		return nil
	}
	difference := Amount(about, Change, later.Month, now.Sub(before))
	part := Percentage(about, Change, later.Month, percentOf(now.Sub(before), before))
	difference.Against, part.Against = earlier.Month, earlier.Month
	return []Fact{difference, part}
}

// averages returns what was spent in an average one of the whole months before the
// current one that have transactions.
func averages(current string, byMonth map[string]transactionstore.Month) []Fact {
	var counted int64
	total, sums := money.Amount{}, map[categories.Code]money.Amount{}
	for i := 1; i <= monthsAveraged; i++ {
		m, has := byMonth[dates.AddMonths(current, -i)]
		if !has {
			continue
		}
		counted++
		total = total.Add(m.Spend)
		for code, of := range m.Categories {
			sums[categories.Code(code)] = sums[categories.Code(code)].Add(of.Spend)
		}
	}
	if counted < 2 {
		return nil
	}
	of := func(sum money.Amount) money.Amount {
		mean, _ := money.FromDecimal(sum.Decimal().Div(decimal.NewFromInt(counted)).Round(2))
		return mean
	}
	told := []Fact{Amount(Total, Average, "", of(total))}
	codes := slices.SortedFunc(maps.Keys(sums), func(a, b categories.Code) int {
		return cmp.Or(sums[b].Cmp(sums[a]), cmp.Compare(a, b))
	})
	for _, code := range codes[:min(len(codes), maxCategories)] {
		if sums[code].Sign() > 0 {
			told = append(told, Amount(OfCategory(code), Average, "", of(sums[code])))
		}
	}
	return told
}

// averageIncome returns the income of an average one of the whole months, zero without
// any.
func averageIncome(current string, months []transactionstore.Month) (average money.Amount) {
	var counted int64
	for _, m := range months {
		if m.Month < current {
			counted++
			average = average.Add(m.Income)
		}
	}
	if counted == 0 {
		return average
	}
	average, _ = money.FromDecimal(average.Decimal().Div(decimal.NewFromInt(counted)).Round(2))
	return average
}

// percentOf returns a part in percent of a whole that is not zero.
func percentOf(part, whole money.Amount) decimal.Decimal {
	return part.Decimal().Mul(decimal.NewFromInt(100)).Div(whole.Decimal())
}
