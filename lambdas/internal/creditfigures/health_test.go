package creditfigures_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/money"
)

func debtOf(t *testing.T, kind, total, remaining, payment string) expression.UpdateBuilder {
	t.Helper()
	return expression.Set(expression.Name("type"), expression.Value(kind)).
		Set(expression.Name("totalAmount"), expression.Value(testkit.Pounds(t, total))).
		Set(expression.Name("remainingAmount"), expression.Value(testkit.Pounds(t, remaining))).
		Set(expression.Name("monthlyPayment"), expression.Value(testkit.Pounds(t, payment)))
}

func scored(bureau creditfigures.Bureau, values ...int) creditfigures.History {
	history := creditfigures.History{Bureau: bureau}
	for i, value := range values {
		history.Scores = append(history.Scores, creditfigures.Score{Bureau: bureau, Month: []string{"2026-02", "2026-01"}[i], Value: value})
	}
	return history
}

// Each score is computed by hand from the package comment.
func TestHealth_Score_FollowsTheFormula(t *testing.T) {
	card := func(balance, limit, minimum string) creditfigures.Card {
		return creditfigures.Card{Balance: testkit.Pounds(t, balance), Limit: testkit.Pounds(t, limit), MinimumPayment: testkit.Pounds(t, minimum)}
	}
	debt := func(remaining, payment string) creditfigures.Debt {
		return creditfigures.Debt{Total: testkit.Pounds(t, "1000"), Remaining: testkit.Pounds(t, remaining), MonthlyPayment: testkit.Pounds(t, payment)}
	}
	for name, c := range map[string]struct {
		figures creditfigures.Figures
		income  string
		score   int
		status  creditfigures.Rating
	}{
		"nothing known":         {creditfigures.Figures{}, "0", 0, "Unknown"},
		"an income alone":       {creditfigures.Figures{}, "2000", 0, "Unknown"},
		"scores alone":          {creditfigures.Figures{Histories: []creditfigures.History{scored("Experian", 999), scored("Equifax", 380), scored("TransUnion")}}, "0", 80, "Good"}, // (100+60)/2
		"a card of 10 %":        {creditfigures.Figures{Cards: []creditfigures.Card{card("100", "1000", "0")}}, "0", 100, "Excellent"},
		"two cards of 30 %":     {creditfigures.Figures{Cards: []creditfigures.Card{card("600", "1000", "0"), card("0", "1000", "0")}}, "0", 80, "Good"},
		"a penny above 30 %":    {creditfigures.Figures{Cards: []creditfigures.Card{card("301", "1000", "0")}}, "0", 60, "Fair"},
		"above the limit":       {creditfigures.Figures{Cards: []creditfigures.Card{card("1100", "1000", "0")}}, "0", 20, "Very Poor"},
		"utilisation, payments": {creditfigures.Figures{Cards: []creditfigures.Card{card("100", "1000", "5")}, Debts: []creditfigures.Debt{debt("10", "715")}}, "2000", 84, "Good"},                                                                   // (100*30 + 60*20)/50
		"a debt paid back":      {creditfigures.Figures{Debts: []creditfigures.Debt{debt("0", "2000")}}, "2000", 100, "Excellent"},                                                                                                                    // no payment is left
		"a card paid back":      {creditfigures.Figures{Cards: []creditfigures.Card{card("0", "1000", "2000")}}, "2000", 100, "Excellent"},                                                                                                            // no payment is left
		"scores, utilisation":   {creditfigures.Figures{Histories: []creditfigures.History{scored("Equifax", 700)}, Cards: []creditfigures.Card{card("200", "1000", "0")}}, "0", 93, "Excellent"},                                                     // (100*50 + 80*30)/80
		"all parts":             {creditfigures.Figures{Histories: []creditfigures.History{scored("Equifax", 100)}, Cards: []creditfigures.Card{card("800", "1000", "0")}, Debts: []creditfigures.Debt{debt("10", "1500")}}, "2000", 20, "Very Poor"}, // 20 each
		"rounded":               {creditfigures.Figures{Histories: []creditfigures.History{scored("Equifax", 100), scored("Experian", 999), scored("TransUnion", 604)}}, "0", 67, "Fair"},                                                             // (20+100+80)/3
	} {
		if got := c.figures.Health(testkit.Pounds(t, c.income)); got.Score != c.score || got.Status != c.status {
			t.Errorf("%s: got %d %s", name, got.Score, got.Status)
		}
	}
}

func TestHealth_Advice_HasTheFigures(t *testing.T) {
	rate := testkit.Pounds(t, "24.9")
	figures := creditfigures.Figures{
		Histories: []creditfigures.History{scored("Experian", 900, 910), scored("Equifax", 420, 410)},
		Cards:     []creditfigures.Card{{Balance: testkit.Pounds(t, "450.50"), Limit: testkit.Pounds(t, "1000"), MinimumPayment: testkit.Pounds(t, "25"), InterestRate: &rate}},
		Debts: []creditfigures.Debt{
			{Remaining: testkit.Pounds(t, "5000"), MonthlyPayment: testkit.Pounds(t, "800"), InterestRate: testkit.Pounds(t, "3")},
			{Remaining: money.Amount{}, MonthlyPayment: testkit.Pounds(t, "800"), InterestRate: testkit.Pounds(t, "99")}, // paid back
		},
	}
	got := figures.Health(testkit.Pounds(t, "2000"))
	want := []string{
		"Your cards use 45.1% of their limits. Bureaus see up to 30% as good.",
		"Payments of £825.00 a month take 41.3% of your income of £2,000.00.",
		"Your dearest debt charges 24.9% a year on £450.50.",
		"Your Experian score fell by 10 since 2026-01.",
	}
	if !slices.Equal(got.Advice, want) || got.Owed.String() != "5000" || got.Payments.String() != "825" {
		t.Errorf("got %q, %+v", got.Advice, got)
	}
	if first := (creditfigures.Figures{}).Health(money.Amount{}).Advice; !slices.Equal(first, []string{"Enter a score of a bureau to see how it develops."}) {
		t.Errorf("got %q", first)
	}
}
