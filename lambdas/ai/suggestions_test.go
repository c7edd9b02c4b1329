package ai

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	"github.com/expenzez/infrastructure/test/fakes/openai"
)

func (w *world) categorize(body string) (categorizeResponse, error) {
	w.t.Helper()
	return w.assistant().Categorize(w.t.Context(), ada, routetest.MustRead[categorizeRequest](w.t, body, nil))
}

func TestCategorize_WellKnownMerchant_NeedsNoModel(t *testing.T) {
	w := newWorld(t)
	got, err := w.categorize(`{"description":"TESCO STORES 3127","amount":-12.5}`)
	if err != nil || got.Category != "groceries" || got.Confidence != 0.95 || got.TokensUsed != 0 || w.openAI.Requests() != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCategorize_UnknownMerchant_IsAskedOnce(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`})
	for i, text := range []string{"SQ *ACME COFFEE,3.20 GBP, RATE 1.00/GBP ON 02-07-2026", "SQ *ACME COFFEE LONDON"} {
		got, err := w.categorize(fmt.Sprintf(`{"description":%q,"amount":-3.2}`, text))
		if err != nil || got.Category != "food" || got.Confidence != 0.7 || (got.TokensUsed > 0) != (i == 0) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
	if sent, _ := json.Marshal(w.openAI.Sent()); w.openAI.Requests() != 2 || !strings.Contains(string(sent), "acme coffee") || strings.Contains(string(sent), "3.20") {
		t.Errorf("sent %s", sent)
	}
}

func TestCategorize_MerchantUnknownToTheModel_IsAskedOnce(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: `{"suggestions":[]}`})
	for i := range 2 {
		got, err := w.categorize(`{"description":"ACME COFFEE","amount":-3.2}`)
		if err != nil || got.Category != "other" || got.Confidence != 0 || (got.TokensUsed > 0) != (i == 0) {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if w.openAI.Requests() != 2 { // the moderation and the model
		t.Errorf("%d requests", w.openAI.Requests())
	}
}

func TestCategorize_NameOfAPerson_DoesNotLeave(t *testing.T) {
	w := newWorld(t)
	got, err := w.categorize(`{"description":"MARGARET HAMILTON","amount":-20}`)
	if err != nil || got.Category != "other" || got.Confidence != 0 || w.openAI.Requests() != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// The user erases their data while the model answers: the suggestion is shown, and not kept.
func TestCategorize_ErasureWhileTheModelAnswers_KeepsNothing(t *testing.T) {
	w := newWorld(t)
	w.openAI.AnswerWith(func(map[string]any) openai.Reply {
		w.users.Begin(t, "ada", w.at.Add(time.Second))
		return openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`}
	})
	const coffee = `{"description":"SQ *ACME COFFEE","amount":-3.2}`
	if got, err := w.categorize(coffee); err != nil || got.Category != "food" {
		t.Errorf("got %+v, %v", got, err)
	}
	if kept := dynamotest.Text(t, w.suggestions.Name); kept != "[]" {
		t.Errorf("kept %s", kept)
	}
	w.openAI.AnswerWith(nil)
	w.openAI.Answer(openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`})
	w.at = w.at.Add(2 * time.Second)
	if _, err := w.categorize(coffee); err != nil || dynamotest.Text(t, w.suggestions.Name) == "[]" {
		t.Errorf("after the erasure, nothing is kept: %v", err)
	}
}

func TestSuggest_ManyTexts_AreAskedInBatches(t *testing.T) {
	w := newWorld(t)
	w.openAI.AnswerWith(func(request map[string]any) openai.Reply {
		messages := request["messages"].([]any)
		var asked struct{ Merchants []string }
		must(t, json.Unmarshal([]byte(messages[1].(map[string]any)["content"].(string)), &asked))
		var all []string
		for i := range asked.Merchants {
			all = append(all, fmt.Sprintf(`{"merchant":%d,"category":"shopping"}`, i))
		}
		return openai.Reply{Text: `{"suggestions":[` + strings.Join(all, ",") + `]}`}
	})
	var texts []string
	for _, first := range strings.Fields("blue bright busy clean daily family fresh happy local") {
		for _, second := range strings.Fields("bakery bar bistro cafe deli gym pub shop salon store") {
			texts = append(texts, first+" "+second)
		}
	}
	found, tokens, err := w.suggester().suggest(t.Context(), aiusage.User{ID: "ada", Plan: tables.Free}, w.at, append(texts, texts...))
	must(t, err)
	for i, one := range found {
		if one.category != "shopping" || one.source != byModel {
			t.Fatalf("%s: got %+v", append(texts, texts...)[i], one)
		}
	}
	if w.openAI.Requests() != 2*3 || tokens == 0 { // each batch is moderated
		t.Errorf("%d requests, %d tokens", w.openAI.Requests(), tokens)
	}
}

// A flagged merchant is like a flagged question: the model is not asked, and the user pays for nothing.
func TestCategorize_FlaggedMerchant_HasNoSuggestionAndIsNotCounted(t *testing.T) {
	w := newWorld(t)
	w.openAI.Answer(openai.Reply{Text: `{"suggestions":[{"merchant":0,"category":"food"}]}`})
	for _, field := range []string{"description", "merchantName"} {
		got, err := w.categorize(fmt.Sprintf(`{"description":"x","amount":-3.2,%q:"%s CAFE"}`, field, strings.ToUpper(openai.FlaggedWord)))
		if err != nil || got.Category != "other" || got.Confidence != 0 || got.TokensUsed != 0 || w.openAI.LastRequest() != nil {
			t.Errorf("%s: got %+v, %v", field, got, err)
		}
	}
	usage, err := w.ledger.Usage(t.Context(), aiusage.User{ID: ada.UserID, Plan: w.plan}, aiusage.Categories)
	if err != nil || usage.Today != 0 || usage.Cost != 0 || w.openAI.Requests() != 2 {
		t.Errorf("used %+v, %v, %d requests", usage, err, w.openAI.Requests())
	}
}

func TestSuggest_FlaggedMerchantAmongOthers_AloneHasNoSuggestion(t *testing.T) {
	w := newWorld(t)
	w.openAI.AnswerWith(func(request map[string]any) openai.Reply {
		if text, _ := json.Marshal(request); strings.Contains(string(text), openai.FlaggedWord) {
			t.Errorf("the model is asked %s", text)
		}
		all := make([]string, 5)
		for i := range all { // the numbers that no merchant has are dropped
			all[i] = fmt.Sprintf(`{"merchant":%d,"category":"food"}`, i)
		}
		return openai.Reply{Text: `{"suggestions":[` + strings.Join(all, ",") + `]}`}
	})
	texts := []string{"blue cafe", "happy bakery", openai.FlaggedWord + " bar", "family pub", "fresh deli"}
	found, _, err := w.suggester().suggest(t.Context(), aiusage.User{ID: "ada", Plan: tables.Free}, w.at, texts)
	must(t, err)
	for i, one := range found {
		if want := !strings.Contains(texts[i], openai.FlaggedWord); (one.source == byModel) != want {
			t.Errorf("%s: got %+v", texts[i], one)
		}
	}
}

func TestCategorize_ModelFails_Is503(t *testing.T) {
	w := newWorld(t)
	w.openAI.Set(fakes.Garbage)
	_, err := w.categorize(`{"description":"ACME COFFEE","amount":-3.2}`)
	isRefused(t, err, http.StatusServiceUnavailable, "")
}
