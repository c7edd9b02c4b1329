package facts

import (
	"fmt"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/dates"
)

// Summary returns an answer that is made of the facts alone, for a text of a model that
// cannot be used. Package answercheck accepts each of its sentences.
func (f Facts) Summary() string {
	var sentences []string
	month := f.Month()
	spent, has := f.Find(Total, Spent, month)
	if !has {
		month = dates.AddMonths(month, -1)
		spent, has = f.Find(Total, Spent, month)
	}
	if has {
		sentences = append(sentences, fmt.Sprintf("In %s you spent %s.", MonthName(month), spent.Text()))
		sentences = append(sentences, f.ofMonth(month)...)
	}
	if due, has := f.Find(AllBills, Due, ""); has && due.Value.IsPositive() {
		sentences = append(sentences, fmt.Sprintf("The bills due in the next 30 days come to %s.", due.Text()))
	}
	for _, fact := range f.List {
		if fact.About.Goal != "" && fact.Measure == Saved {
			sentences = append(sentences, fmt.Sprintf("You have saved %s for goal %s.", fact.Text(), fact.About.Goal))
		}
	}
	if len(sentences) == 0 {
		return "There is not enough in your account yet to say something about it. Add or import transactions first."
	}
	return strings.Join(sentences, " ")
}

// ofMonth returns sentences about the income, the largest category and the change of a
// month.
func (f Facts) ofMonth(month string) (sentences []string) {
	if income, has := f.Find(Total, Income, month); has && income.Value.IsPositive() {
		sentences = append(sentences, fmt.Sprintf("Your income in %s was %s.", MonthName(month), income.Text()))
	}
	for _, fact := range f.List {
		if fact.About.Category != "" && fact.Measure == Spent && fact.Month == month {
			sentences = append(sentences, fmt.Sprintf("The largest category in %s was %s: %s.", MonthName(month), fact.About.Label(), fact.Text()))
			break
		}
	}
	return sentences
}

// CreditSummary is Summary for the user's credit.
func (f Facts) CreditSummary() string {
	var sentences []string
	for _, fact := range f.List {
		switch fact.Measure {
		case Score:
			sentences = append(sentences, fmt.Sprintf("Your credit score with %s is %s.", fact.About.Label(), fact.Text()))
		case Borrowing:
			sentences = append(sentences, fmt.Sprintf("Your credit utilisation is %s.", fact.Text()))
		case Debt:
			sentences = append(sentences, fmt.Sprintf("You owe %s in debts.", fact.Text()))
		}
	}
	if len(sentences) == 0 {
		return "There is nothing about your credit yet. Add your score or a card first."
	}
	return strings.Join(sentences, " ")
}
