package ai

import (
	"context"

	"github.com/shopspring/decimal"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
)

const creditTask = "Comment in one paragraph on the user's credit: scores, use of the cards' limit, and payments."

type creditResponse struct {
	Insight         string                      `json:"insight"`
	Priority        string                      `json:"priority"`
	Recommendations function.List[string]       `json:"recommendations"`
	Factors         function.List[creditFactor] `json:"factors"`
	Cached          bool                        `json:"cached"`
}

// creditFactor is a part of the health score (package creditfigures).
type creditFactor struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Impact string `json:"impact"`
}

// CreditInsight comments on what the caller entered about their credit. Recommendations
// and factors are the backend's.
func (a *assistant) CreditInsight(ctx context.Context, caller function.Caller, _ function.NoInput) (creditResponse, error) {
	user, err := a.user(ctx, caller)
	if err != nil {
		return creditResponse{}, err
	}
	all, err := a.facts.Read(ctx, caller.UserID, a.now())
	if err != nil {
		return creditResponse{}, err
	}
	known := all.Only(facts.Fact.IsCredit)
	response := creditResponse{
		Insight: known.CreditSummary(), Priority: creditPriority(known.Health), Recommendations: known.Health.Advice, Factors: factorsOf(known),
	}
	if len(known.List) == 0 {
		return response, nil
	}
	text, err := a.writer.Write(ctx, phrasing.Request{User: user, Kind: aiusage.CreditInsight, Task: creditTask, Facts: known})
	if err != nil {
		return creditResponse{}, aiusage.AsAPIError(err)
	}
	if text != "" {
		response.Insight = text
	}
	return response, nil
}

func creditPriority(health creditfigures.Health) string {
	switch health.Status {
	case creditfigures.VeryPoor, creditfigures.Poor:
		return high
	case creditfigures.Fair:
		return medium
	default:
		return low
	}
}

// factorsOf returns the parts of the health score that are known. The limits and weights
// are those of package creditfigures.
func factorsOf(known facts.Facts) (factors []creditFactor) {
	for _, f := range known.List {
		switch f.Measure {
		case facts.Score:
			status := statuses[f.About.Bureau.Rating(int(f.Value.IntPart()))]
			factors = append(factors, creditFactor{"Score with " + f.About.Label(), status, "Scores are half of your credit health."})
		case facts.Borrowing:
			factors = append(factors, creditFactor{"Use of your credit limit", statusOf(f.Value, 30, 50), "It is 30 % of your credit health."})
		case facts.Repaying:
			factors = append(factors, creditFactor{"Monthly payments", statusOf(f.Value, 20, 36), "They are 20 % of your credit health."})
		}
	}
	return factors
}

// statuses are the ratings in the app's words for factors.
var statuses = map[creditfigures.Rating]string{
	creditfigures.Excellent: "good", creditfigures.Good: "good", creditfigures.Fair: "fair", creditfigures.Poor: "poor", creditfigures.VeryPoor: "poor",
}

// statusOf returns the status of a percentage that is good up to a limit and fair up to
// another.
func statusOf(percent decimal.Decimal, good, fair int64) string {
	switch {
	case percent.LessThanOrEqual(decimal.NewFromInt(good)):
		return "good"
	case percent.LessThanOrEqual(decimal.NewFromInt(fair)):
		return "fair"
	default:
		return "poor"
	}
}
