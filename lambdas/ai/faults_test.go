package ai

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/openai"
)

// Every outage of the model is a 503, and costs the user nothing.
func TestAnswer_ModelFails_Is503AndNotCounted(t *testing.T) {
	for fault, name := range map[fakes.Fault]string{
		fakes.Slow: "slow", fakes.Hanging: "hanging", fakes.Garbage: "garbage", fakes.Huge: "10 MB", fakes.ServerError: "500", fakes.Redirect: "redirect",
	} {
		w := newWorldWith(t, 100*time.Millisecond)
		w.openAI.Set(fault)
		_, err := w.ask("Hello?")
		if isRefused(t, err, http.StatusServiceUnavailable, "temporarily unavailable"); w.asked() != 0 {
			t.Errorf("%s: %d questions are counted", name, w.asked())
		}
		if sent := w.openAI.Sent(); len(sent) == 0 || !strings.Contains(string(sent[0].Body), "Hello?") {
			t.Errorf("%s: recorded %v", name, sent)
		}
	}
}

func TestAnswer_ModelIsRateLimited_Is503AndNotCounted(t *testing.T) {
	w := newWorld(t)
	w.openAI.RetryAfter = "60"
	w.openAI.Set(fakes.Throttled)
	_, err := w.ask("Hello?")
	if isRefused(t, err, http.StatusServiceUnavailable, ""); w.asked() != 0 {
		t.Errorf("%d questions are counted", w.asked())
	}
}

func TestAnswer_KeyIsRejected_Is503AndNotCounted(t *testing.T) {
	w := newWorld(t)
	w.openAI.RotateKey("another")
	_, err := w.ask("Hello?")
	if isRefused(t, err, http.StatusServiceUnavailable, ""); w.asked() != 0 {
		t.Errorf("%d questions are counted", w.asked())
	}
	if sent := w.openAI.Sent(); len(sent) == 0 || !strings.Contains(string(sent[0].Body), "Hello?") || sent[0].Header["Authorization"] != nil {
		t.Errorf("recorded %v", sent)
	}
}

func TestAnswer_BreakerIsOpen_Is503WithoutARequest(t *testing.T) {
	w := newWorld(t)
	w.openAI.Set(fakes.Garbage)
	for range 5 {
		_, err := w.ask("Hello?")
		isRefused(t, err, http.StatusServiceUnavailable, "")
	}
	if !external.Breakers()["openai"] {
		t.Fatal("the breaker is closed")
	}
	before := w.openAI.Requests()
	_, err := w.ask("Hello?")
	if isRefused(t, err, http.StatusServiceUnavailable, ""); w.openAI.Requests() != before || w.asked() != 0 {
		t.Errorf("%d requests, %d questions are counted", w.openAI.Requests()-before, w.asked())
	}
}

// The model answers without words: the figures are told without it, and the user is not
// charged.
func TestAnswer_ModelRefuses_TellsFiguresAndIsNotCounted(t *testing.T) {
	for name, reply := range map[string]fake.Reply{
		"a refusal": {Refusal: "I cannot help."},
		"filtered":  {FinishReason: "content_filter"},
		"cut off":   {Text: "You spent", FinishReason: "length"},
	} {
		w := newWorld(t)
		w.openAI.Answer(reply)
		got, err := w.ask("Hello?")
		if err != nil || got.Source != "figures" || w.asked() != 0 {
			t.Errorf("%s: got %+v, %v, %d counted", name, got, err, w.asked())
		}
	}
}
