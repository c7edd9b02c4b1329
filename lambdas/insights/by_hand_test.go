package insights

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore/transactionstoretest"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The tests of this file compute each figure again from raw rows, in fractions and without
// the code under test.

var drawnCategories = []string{"food", "fuel", "bills", "subscriptions", "transfer"}

// drawRows draws some rows of each of the last 14 months, all of them with some.
func drawRows(t *rapid.T) (rows []transactionstore.Transaction) {
	for back := range 14 {
		start := time.Date(2026, 11-time.Month(back), 1, 12, 0, 0, 0, time.UTC)
		for i := range rapid.IntRange(1, 6).Draw(t, "rows") {
			made := row(fmt.Sprint("t", back, "-", i), start.AddDate(0, 0, rapid.IntRange(0, 27).Draw(t, "day")).Format(time.DateOnly), rapid.SampledFrom(drawnCategories).Draw(t, "category"), -1)
			made.SetAmount(money.FromMinor(rapid.Int64Range(1, 60000).Draw(t, "pence"), 2), rapid.IntRange(0, 4).Draw(t, "credit") > 0)
			rows = append(rows, made)
		}
	}
	return rows
}

// byHand is sums of raw rows, in fractions of a pound.
type byHand []transactionstore.Transaction

// spent adds up the debits of a month, of one category or of all with "", without own
// money.
func (b byHand) spent(month, category string) *big.Rat {
	sum := new(big.Rat)
	for _, one := range b {
		if one.Day[:7] == month && one.Category != "transfer" && (category == "" || one.Category == category) && one.Amount.Sign() < 0 {
			sum.Add(sum, fraction(one.Amount.Abs()))
		}
	}
	return sum
}

// average is the average of three months, in pence.
func (b byHand) average(category string) *big.Rat {
	sum := new(big.Rat)
	for _, month := range []string{"2026-08", "2026-09", "2026-10"} {
		sum.Add(sum, b.spent(month, category))
	}
	return rounded(sum.Quo(sum, big.NewRat(3, 1)), 2)
}

// saving is the difference of an average month and the cheapest one, zero when it is too
// small or there is a month without spending.
func (b byHand) saving(category string) *big.Rat {
	least := b.spent("2026-08", category)
	for _, month := range []string{"2026-09", "2026-10"} {
		if other := b.spent(month, category); other.Cmp(least) < 0 {
			least = other
		}
	}
	saving := new(big.Rat).Sub(b.average(category), least)
	if least.Sign() == 0 || saving.Cmp(big.NewRat(5, 1)) < 0 {
		return new(big.Rat)
	}
	return saving
}

func fraction(amount money.Amount) *big.Rat {
	found, _ := new(big.Rat).SetString(amount.String())
	return found
}

// rounded rounds to so many decimals, half away from zero.
func rounded(value *big.Rat, decimals int) *big.Rat {
	found, _ := new(big.Rat).SetString(value.FloatString(decimals)) // which rounds so
	return found
}

func percent(now, before *big.Rat) float64 {
	if before.Sign() == 0 {
		return 0
	}
	part := new(big.Rat).Sub(now, before)
	part.Quo(part.Mul(part, big.NewRat(100, 1)), before)
	found, _ := rounded(part, 1).Float64()
	return found
}

func TestFigures_RandomRows_AreThoseComputedByHand(t *testing.T) {
	stage, users := transactionstoretest.New(t), 0
	rapid.Check(t, func(r *rapid.T) {
		users++
		user, rows := function.Caller{UserID: fmt.Sprint("user-", users)}, drawRows(r)
		var changes []transactionstore.Change
		for _, one := range rows {
			changes = append(changes, transactionstore.Create(one))
		}
		if _, err := stage.Apply(context.Background(), user.UserID, changes); err != nil {
			r.Fatal(err)
		}
		saved, err := (&savings{stage.Store, now}).List(context.Background(), user, function.NoInput{})
		if err != nil {
			r.Fatal(err)
		}
		computed, err := (&analytics{stage.Store, stage.Store, plan(tables.Premium), now}).Get(context.Background(), user, function.NoInput{})
		if err != nil || computed.Data == nil {
			r.Fatalf("got %+v, %v", computed, err)
		}
		checkSavings(r, byHand(rows), saved)
		checkAnalytics(r, byHand(rows), *computed.Data)
		checkAnomalies(r, byHand(rows), computed.Data.Anomalies)
	})
}

func same(t *rapid.T, what string, got money.Amount, want *big.Rat) {
	if fraction(got).Cmp(want) != 0 {
		t.Fatalf("%s is %s, by hand %s", what, got, want.FloatString(4))
	}
}

func checkSavings(t *rapid.T, b byHand, got savingsResponse) {
	total := new(big.Rat)
	for category, title := range map[string]string{"food": "Food & Dining", "fuel": "Fuel", "subscriptions": "Subscriptions"} {
		want := b.saving(category)
		total.Add(total, want)
		i := slices.IndexFunc(got.Opportunities, func(o opportunity) bool { return o.Title == "Spend less on "+title })
		if (i >= 0) != (want.Sign() > 0) {
			t.Fatalf("%s: opportunity %d, by hand %s", category, i, want.FloatString(2))
		}
		if i >= 0 {
			same(t, title, got.Opportunities[i].PotentialMonthlySavings, want)
			same(t, title+" a year", got.Opportunities[i].PotentialYearlySavings, new(big.Rat).Mul(want, big.NewRat(12, 1)))
		}
	}
	same(t, "the total", got.TotalPotentialMonthlySavings, total)
	same(t, "the total of a year", got.TotalPotentialYearlySavings, new(big.Rat).Mul(total, big.NewRat(12, 1)))
	if !slices.IsSortedFunc(got.Opportunities, func(x, y opportunity) int { return y.PotentialMonthlySavings.Cmp(x.PotentialMonthlySavings) }) {
		t.Fatal("the largest is not the first")
	}
}

func checkAnalytics(t *rapid.T, b byHand, got analyticsData) {
	least, most, away, average := b.spent("2026-10", ""), b.spent("2026-10", ""), new(big.Rat), b.average("")
	for i := range 6 {
		spent := b.spent(fmt.Sprintf("2026-%02d", 5+i), "")
		if spent.Cmp(least) < 0 {
			least = spent
		}
		if spent.Cmp(most) > 0 {
			most = spent
		}
		if i >= 3 {
			away.Add(away, new(big.Rat).Abs(new(big.Rat).Sub(spent, average)))
		}
	}
	for _, forecast := range got.Forecast {
		same(t, "the forecast", forecast.Predicted, average)
		same(t, "the lower bound", forecast.LowerBound, least)
		same(t, "the upper bound", forecast.UpperBound, most)
		part := new(big.Rat)
		if average.Sign() > 0 {
			part.Sub(big.NewRat(1, 1), part.Quo(away, new(big.Rat).Mul(average, big.NewRat(3, 1))))
		}
		want, _ := part.Float64()
		if want = max(0, want); forecast.Confidence > want || forecast.Confidence < want-0.0100001 {
			t.Fatalf("the confidence is %v, by hand %v", forecast.Confidence, want)
		}
	}
	total := new(big.Rat)
	for _, category := range []string{"food", "fuel", "subscriptions"} {
		total.Add(total, b.saving(category))
	}
	same(t, "the savings opportunity", got.SavingsOpportunity, total)
	last := b.spent("2026-10", "")
	same(t, "the velocity", got.SpendingVelocity, new(big.Rat).Sub(last, average))
	if want := (comparison{percent(last, b.spent("2026-09", "")), percent(last, b.spent("2025-10", ""))}); got.ComparisonMetrics != want {
		t.Fatalf("the comparison is %+v, by hand %+v", got.ComparisonMetrics, want)
	}
	for _, trend := range got.CategoryTrends {
		code := map[string]string{"Food & Dining": "food", "Fuel": "fuel", "Bills & Utilities": "bills", "Subscriptions": "subscriptions"}[trend.Category]
		same(t, trend.Category, trend.CurrentMonth, b.spent("2026-11", code))
		same(t, trend.Category+" before", trend.PreviousMonth, b.spent("2026-10", code))
		if want := percent(b.spent("2026-11", code), b.spent("2026-10", code)); trend.ChangePercent != want {
			t.Fatalf("%s changed by %v, by hand %v", trend.Category, trend.ChangePercent, want)
		}
	}
}

func checkAnomalies(t *rapid.T, b byHand, got []anomaly) {
	var want []string
	for _, one := range b {
		average := b.average(one.Category)
		limit := new(big.Rat).Mul(average, big.NewRat(3, 2))
		if one.Day[:7] == "2026-11" && one.Category != "transfer" && one.Amount.Sign() < 0 && average.Sign() > 0 && fraction(one.Amount.Abs()).Cmp(limit) >= 0 {
			want = append(want, one.TransactionID)
		}
	}
	var found []string
	for _, one := range got {
		found = append(found, one.TransactionID)
		if i := slices.IndexFunc(b, func(r transactionstore.Transaction) bool { return r.TransactionID == one.TransactionID }); i >= 0 {
			same(t, "the expected amount", one.ExpectedAmount, b.average(b[i].Category))
		}
	}
	slices.Sort(want)
	slices.Sort(found)
	if !slices.Equal(found, want) {
		t.Fatalf("unusual are %v, by hand %v", found, want)
	}
}
