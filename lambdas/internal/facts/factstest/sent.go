package factstest

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
)

// Sent is a fact as it leaves for the model.
type Sent struct {
	About   string        `json:"about"`
	Measure facts.Measure `json:"what"`
	Month   string        `json:"month,omitempty"`
	Against string        `json:"comparedWith,omitempty"`
	Value   string        `json:"value"`
}

// Measures are all measures of facts.
var Measures = []facts.Measure{
	facts.Spent, facts.Income, facts.Net, facts.Share, facts.Average, facts.Change, facts.Payments, facts.Target, facts.Saved,
	facts.Remaining, facts.Progress, facts.DaysLeft, facts.Goals, facts.Limit, facts.Left, facts.Used, facts.Over, facts.Due,
	facts.BillsDue, facts.Score, facts.ScoreOf, facts.Health, facts.Debt, facts.Balance, facts.Credit, facts.Borrowing,
	facts.Repaying,
}

var (
	sentMonth = regexp.MustCompile(`^(?:20\d\d-(?:0[1-9]|1[0-2]))?$`)
	sentValue = regexp.MustCompile(`^-?(?:£\d{1,3}(?:,\d{3})*(?:\.\d\d)?|\d+(?:\.\d)?%|\d+)$`)
	sentGoal  = regexp.MustCompile(`^goal [A-Z] \((?:emergency fund|vacation|debt payoff|major purchase|retirement|custom)\)$`)
)

// Check returns an error unless the fact has words of the code's lists, months, and a figure.
func (s Sent) Check() error {
	if !isLabel(s.About) || !slices.Contains(Measures, s.Measure) || !sentMonth.MatchString(s.Month) ||
		!sentMonth.MatchString(s.Against) || !sentValue.MatchString(s.Value) {
		return fmt.Errorf("no fact of the code: %+v", s)
	}
	return nil
}

// isLabel reports whether a text is a subject as facts.Subject.Label writes it.
func isLabel(text string) bool {
	labels := []string{facts.Total.Label(), facts.AllBills.Label()}
	for _, code := range categories.All() {
		labels = append(labels, facts.OfCategory(code).Label())
	}
	for _, bureau := range creditfigures.Bureaus() {
		labels = append(labels, facts.Subject{Bureau: bureau}.Label())
	}
	return sentGoal.MatchString(text) || slices.Contains(labels, text)
}
