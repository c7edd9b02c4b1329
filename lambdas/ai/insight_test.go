package ai

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/tables"
	fake "github.com/expenzez/infrastructure/test/fakes/openai"
)

func TestAnswer_TrueWords_AreAnswered(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(fake.Reply{Text: "You spent £320.50 on groceries this month. You have saved £450 for goal A."})
	got, err := w.ask("What do I spend on groceries?")
	if err != nil || got.Answer != "You spent £320.50 on groceries this month. You have saved £450 for goal “Lisbon with Margaret”." || got.Source != "model" || !got.Success {
		t.Errorf("got %+v, %v", got, err)
	}
	if w.asked() != 1 {
		t.Errorf("%d questions are counted", w.asked())
	}
}

func TestAnswer_Questions_HaveTheirQuota(t *testing.T) {
	w := newWorld(t)
	tomorrow := factstest.Now.UTC().AddDate(0, 0, 1).Format("2006-01-02") + "T00:00:00Z"
	for remaining := range 3 {
		got, err := w.ask("What do I spend on groceries?")
		must(t, err)
		if got.Quota == nil || got.Quota.Limit != 10 || got.Quota.Remaining != 9-remaining || string(got.Quota.ResetsAt) != tomorrow {
			t.Errorf("question %d: %+v", remaining+1, got.Quota)
		}
	}
	assistant := w.assistant()
	assistant.usage = unreadable{}
	if got, err := assistant.Answer(t.Context(), ada, questionRequest{Message: "What do I spend?"}); err != nil || got.Answer == "" || got.Quota != nil {
		t.Errorf("without a quota: %+v, %v", got, err)
	}
}

// unreadable is a ledger that cannot be read.
type unreadable struct{}

func (unreadable) Usage(context.Context, aiusage.User, aiusage.Kind) (aiusage.Usage, error) {
	return aiusage.Usage{}, errors.New("DynamoDB is down")
}

func TestAnswer_Lie_IsLeftOut(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(fake.Reply{Text: "You spent £900 this month. Groceries cost you £1,234.56."})
	if got, err := w.ask("What do I spend?"); err != nil || got.Answer != "You spent £900 this month." {
		t.Errorf("got %+v, %v", got, err)
	}
	w.openAI.Answer(fake.Reply{Text: "Groceries cost you £1,234.56."})
	got, err := w.ask("What do I spend?")
	if err != nil || got.Source != "figures" || !strings.Contains(got.Answer, "In November 2026 you spent £900.") || strings.Contains(got.Answer, "1,234") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The model gets figures of ours, the question without personal data, and nothing else.
func TestAnswer_WhatLeaves_HasNoPersonalData(t *testing.T) {
	w := newWorld(t)
	_, err := w.ask("I am Ada Lovelace (ada@example.com). What did I pay Margaret Hamilton from 12345678?")
	must(t, err)
	sent, err := json.Marshal(w.openAI.Sent())
	must(t, err)
	for _, personal := range []string{"Ada", "Lovelace", "example.com", "Margaret", "Hamilton", "12345678", "Lisbon", "Rainy", `"ada"`} {
		if strings.Contains(string(sent), personal) {
			t.Errorf("%q leaves: %s", personal, sent)
		}
	}
	if !strings.Contains(string(sent), "£320.50") || len(w.openAI.Sent()) != 2 {
		t.Errorf("sent %s", sent)
	}
}

func TestAnswer_ContextOfTheClient_IsNotUsed(t *testing.T) {
	w := newWorld(t)
	var in questionRequest
	must(t, json.Unmarshal([]byte(`{"message":"Hi","financialContext":{"avgTransactionAmount":null,"totalSpending":77777}}`), &in))
	_, err := w.assistant().Answer(t.Context(), ada, in)
	must(t, err)
	if sent, _ := json.Marshal(w.openAI.Sent()); strings.Contains(string(sent), "77777") {
		t.Errorf("sent %s", sent)
	}
}

func TestAnswer_ElevenQuestionsOfFreeUser_LastIsRefusedByTheDay(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		_, err := w.ask("Hello?")
		must(t, err)
	}
	before := w.openAI.Requests()
	_, err := w.ask("Hello?")
	isRefused(t, err, http.StatusTooManyRequests, "daily")
	if w.openAI.Requests() != before || w.asked() != 10 {
		t.Errorf("asked %d times, counted %d", w.openAI.Requests()-before, w.asked())
	}
	w.plan = tables.Premium
	if _, err := w.ask("Hello?"); err != nil {
		t.Errorf("a premium user: %v", err)
	}
}

func TestAnswer_FlaggedQuestion_IsNotAskedAndNotCounted(t *testing.T) {
	w := newWorld(t)
	got, err := w.ask("something " + fake.FlaggedWord)
	if err != nil || got.Source != "figures" || w.asked() != 0 || w.openAI.LastRequest() != nil {
		t.Errorf("got %+v, %v, %d counted", got, err, w.asked())
	}
}

func isRefused(t *testing.T, err error, status int, says string) {
	t.Helper()
	var answer *apierror.Error
	if !errors.As(err, &answer) || answer.Status != status || !strings.Contains(answer.Message, says) || answer.RetryAfter <= 0 {
		t.Errorf("got %+v, %v", answer, err)
	}
}

// A user without anything gets an answer that states nothing.
func TestSummary_NoFacts_SaysSo(t *testing.T) {
	known := factstest.Facts(t)
	known.List = nil
	if got := known.Summary(); !strings.Contains(got, "not enough") {
		t.Errorf("got %q", got)
	}
}
