package facts

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Measure is what a fact measures.
type Measure string

// The measures.
const (
	Spent     Measure = "spent"
	Income    Measure = "income"
	Net       Measure = "income less spending"
	Share     Measure = "share of the month's spending"
	Average   Measure = "spent in an average month"
	Change    Measure = "change of spending"
	Payments  Measure = "number of transactions"
	Target    Measure = "target"
	Saved     Measure = "saved"
	Remaining Measure = "still to save"
	Progress  Measure = "part of the target that is saved"
	DaysLeft  Measure = "days left"
	Goals     Measure = "number of goals"
	Limit     Measure = "budget"
	Left      Measure = "left of the budget"
	Used      Measure = "used part of the budget"
	Over      Measure = "spent over the budget"
	Due       Measure = "amount due in the next 30 days"
	BillsDue  Measure = "number due in the next 30 days"
	Score     Measure = "credit score"
	ScoreOf   Measure = "highest possible credit score"
	Health    Measure = "credit health score, of 100 at most"
	Debt      Measure = "owed in debts"
	Balance   Measure = "balance of the credit cards"
	Credit    Measure = "limit of the credit cards"
	Borrowing Measure = "used part of the limit of the credit cards"
	Repaying  Measure = "payments of cards and debts, as a part of the income"
)

// Unit is the unit of a fact's value.
type Unit string

// The units. A count is also a number of days and a score.
const (
	GBP     Unit = "GBP"
	Percent Unit = "percent"
	Count   Unit = "count"
)

// Fact is one figure.
type Fact struct {
	About   Subject
	Measure Measure
	// Month is the month of the figure, YYYY-MM. It is empty for a figure of now.
	Month string
	// Against is the month that a Change is compared with.
	Against string
	Unit    Unit
	// Value is exact for money, and has one decimal at most for a percentage.
	Value decimal.Decimal
}

// Text returns the value as an answer is to write it, such as "£1,234.50" or "£900".
func (f Fact) Text() string {
	switch f.Unit {
	case GBP:
		amount, _ := money.FromDecimal(f.Value)
		return strings.TrimSuffix(amount.Pounds(), ".00")
	case Percent:
		return f.Value.String() + "%"
	default:
		return f.Value.String()
	}
}

// MarshalJSON writes what leaves of a fact: words of fixed lists, months and a figure.
func (f Fact) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		About   string  `json:"about"`
		Measure Measure `json:"what"`
		Month   string  `json:"month,omitempty"`
		Against string  `json:"comparedWith,omitempty"`
		Value   string  `json:"value"`
	}{f.About.Label(), f.Measure, f.Month, f.Against, f.Text()})
}

// Amount returns a fact about money.
func Amount(about Subject, measure Measure, month string, value money.Amount) Fact {
	return Fact{About: about, Measure: measure, Month: month, Unit: GBP, Value: value.Decimal().Round(2)}
}

// Percentage returns a fact about a percentage, rounded to one decimal.
func Percentage(about Subject, measure Measure, month string, value decimal.Decimal) Fact {
	return Fact{About: about, Measure: measure, Month: month, Unit: Percent, Value: value.Round(1)}
}

// Number returns a fact about a count, days or a score.
func Number(about Subject, measure Measure, month string, value int) Fact {
	return Fact{About: about, Measure: measure, Month: month, Unit: Count, Value: decimal.NewFromInt(int64(value))}
}

// Facts are all that is known for one answer.
type Facts struct {
	// Today is the user's day. Its month is the current one.
	Today dates.Day
	List  []Fact
	// Titles are the user's titles of goals by letter. They never leave.
	Titles map[string]string
	// Health is what the facts about credit are of. Only those leave.
	Health creditfigures.Health
}

// Month returns the current month, YYYY-MM.
func (f Facts) Month() string { return string(f.Today)[:len(dates.MonthLayout)] }

// MarshalJSON writes what leaves.
func (f Facts) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Today dates.Day `json:"today"`
		List  []Fact    `json:"facts"`
	}{f.Today, f.List})
}

// Find returns the fact of a subject, a measure and a month.
func (f Facts) Find(about Subject, measure Measure, month string) (Fact, bool) {
	for _, fact := range f.List {
		if fact.About == about && fact.Measure == measure && fact.Month == month {
			return fact, true
		}
	}
	return Fact{}, false
}

// Only returns the facts for which keep reports true.
func (f Facts) Only(keep func(Fact) bool) Facts {
	kept := Facts{Today: f.Today, Titles: f.Titles, Health: f.Health}
	for _, fact := range f.List {
		if keep(fact) {
			kept.List = append(kept.List, fact)
		}
	}
	return kept
}

// Subject is what a fact is about. The zero value is all of the user's money.
type Subject struct {
	// Category is a canonical code.
	Category categories.Code
	// Goal is the letter of a goal, and GoalKind its kind from the contract's list.
	Goal, GoalKind string
	// Bureau is a credit bureau.
	Bureau creditfigures.Bureau
	// Bills says that it is all of the user's bills, of whatever category.
	Bills bool
}

// Total is all of the user's money.
var Total = Subject{}

// AllBills are all of the user's bills.
var AllBills = Subject{Bills: true}

// OfCategory returns the subject of a category.
func OfCategory(code categories.Code) Subject { return Subject{Category: code} }

// OfGoal returns the subject of the goal with the number, from 0 to 25.
func OfGoal(number int, kind string) Subject {
	return Subject{Goal: string(rune('A' + number)), GoalKind: kind}
}

// Label returns the subject as a model reads it.
func (s Subject) Label() string {
	switch {
	case s.Category != "":
		return strings.ReplaceAll(string(s.Category), "-", " ")
	case s.Goal != "":
		return "goal " + s.Goal + " (" + strings.ReplaceAll(s.GoalKind, "_", " ") + ")"
	case s.Bureau != "":
		return string(s.Bureau)
	case s.Bills:
		return "bills"
	default:
		return "total"
	}
}

// MonthName returns a month as people write it, such as "November 2026".
func MonthName(month string) string {
	at, err := time.Parse(dates.MonthLayout, month)
	if err != nil {
		return month
	}
	return at.Format("January 2006")
}
