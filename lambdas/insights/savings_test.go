package insights

import (
	"fmt"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

func TestSavings_WithoutThreeWholeMonths_AreNone(t *testing.T) {
	w := newWorld(t, append(monthly("food", 100, 0, 100), row("1", "2026-11-01", "food", -500), row("2", "2026-07-01", "food", -500))...)
	got := w.savings()
	if len(got.Opportunities) != 0 || got.TopRecommendation != nil || got.PersonalizedMessage != notEnough || !got.TotalPotentialMonthlySavings.IsZero() || got.UserID != "ada" {
		t.Errorf("got %+v", got)
	}
}

func TestSavings_CheapestMonth_IsCompared(t *testing.T) {
	w := newWorld(t, slices.Concat(
		monthly("food", 130, 100, 101),       // an average of 110.33
		monthly("travel", 300, 60, 0),        // October had none
		monthly("bills", 300, 100, 200),      // not the user's choice
		monthly("subscriptions", 20, 20, 34), // an average of 24.67, 4.67 above
		monthly("fuel", 50, 110, 90),         // an average of 83.33
		monthly("shopping", 10, 10, 40),      // an average of 20
		[]transactionstore.Transaction{row("salary", "2026-10-01", "salary", 1000), row("current", "2026-11-10", "food", -1)},
	)...)
	got := w.savings()
	var found []string
	for _, o := range got.Opportunities {
		found = append(found, fmt.Sprintf("%s %s %s a month, %s a year, %s, %s", o.Type, o.Title, o.PotentialMonthlySavings, o.PotentialYearlySavings, o.Difficulty, o.Urgency))
	}
	if want := []string{
		"category_reduction Spend less on Fuel 33.33 a month, 399.96 a year, hard, low",
		"category_reduction Spend less on Food & Dining 10.33 a month, 123.96 a year, easy, low",
		"category_reduction Spend less on Shopping 10 a month, 120 a year, hard, medium",
	}; !slices.Equal(found, want) {
		t.Errorf("got %q", found)
	}
	if got.TotalPotentialMonthlySavings.String() != "53.66" || got.TotalPotentialYearlySavings.String() != "643.92" || got.TopRecommendation.Title != "Spend less on Fuel" || got.LastUpdated != "2026-11-15T12:00:00Z" {
		t.Errorf("got %+v", got)
	}
	food := got.Opportunities[1]
	if want := "From August 2026 to October 2026 you spent £110.33 on Food & Dining in an average month, and £100.00 in September 2026. Spending as in that month saves £10.33 a month."; food.Description != want {
		t.Errorf("described as %q", food.Description)
	}
	if want := []string{"Spend at most £100.00 on Food & Dining in November 2026."}; !slices.Equal(food.ActionSteps, want) {
		t.Errorf("the steps are %q", food.ActionSteps)
	}
}

func TestSavings_LastMonthAboveTheIncome_IsUrgent(t *testing.T) {
	w := newWorld(t, append(monthly("subscriptions", 10, 20, 30), row("salary", "2026-10-02", "salary", 29))...)
	got := w.savings()
	if len(got.Opportunities) != 1 || got.Opportunities[0].Urgency != "high" || got.Opportunities[0].Type != "subscription_optimization" {
		t.Errorf("got %+v", got.Opportunities)
	}
}

func TestDifficultyOf_PartOfTheSpending_HasThreeSteps(t *testing.T) {
	for part, want := range map[string]string{"10": "easy", "10.1": "medium", "25": "medium", "25.1": "hard"} {
		if got := difficultyOf(decimal.RequireFromString(part)); got != want {
			t.Errorf("%s is %s", part, got)
		}
	}
}
