package ai

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/answercheck"
	"github.com/expenzez/infrastructure/lambdas/internal/creditfigures"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/openai"
)

func TestCreditInsight_TrueWords_AreAnsweredWithTheBackendsFactors(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: "Your credit score with Experian is 720. Your credit score with Equifax is 999. Take out a loan."})
	got, err := w.assistant().CreditInsight(t.Context(), ada, function.NoInput{})
	want := []creditFactor{
		{"Score with Experian", "poor", "Scores are half of your credit health."},
		{"Score with Equifax", "poor", "Scores are half of your credit health."},
		{"Use of your credit limit", "good", "It is 30 % of your credit health."},
		{"Monthly payments", "good", "They are 20 % of your credit health."},
	}
	if err != nil || got.Insight != "Your credit score with Experian is 720." || !slices.Equal(got.Factors, want) || got.Priority == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

type noCredit struct{}

// Read returns nothing.
func (noCredit) Read(context.Context, string) (creditfigures.Figures, error) {
	return creditfigures.Figures{}, nil
}

func TestCreditInsight_NothingEntered_NeedsNoModel(t *testing.T) {
	w := newWorld(t)
	got, err := w.assistantWith(facts.New(factstest.Months{}, oneGoal("x"), factstest.Budgets{}, noCredit{}, factstest.Bills{})).CreditInsight(t.Context(), ada, function.NoInput{})
	if err != nil || got.Insight == "" || got.Priority != "low" || len(got.Factors) != 0 || w.openAI.Requests() != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCreditInsight_ModelFailsOrRefuses_Is503OrTheFigures(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Refusal: "No."})
	got, err := w.assistant().CreditInsight(t.Context(), ada, function.NoInput{})
	known := factstest.Facts(t)
	if checked := answercheck.Check(got.Insight, known); err != nil || got.Insight != known.CreditSummary() || checked.Text != got.Insight {
		t.Errorf("got %+v, %v", got, err)
	}
	w.openAI.Set(fakes.Garbage)
	_, err = w.assistant().CreditInsight(t.Context(), ada, function.NoInput{})
	isRefused(t, err, http.StatusServiceUnavailable, "")
}
