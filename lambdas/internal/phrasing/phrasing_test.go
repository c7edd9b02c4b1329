package phrasing_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// model answers with a text or an error, after requests that it may bill.
type model struct {
	text      string
	err       error
	unmetered int64
}

// Complete returns the model's answer.
func (m model) Complete(context.Context, openai.Request) (openai.Response, error) {
	return openai.Response{Text: m.text, InputTokens: 100, OutputTokens: 10, Unmetered: m.unmetered}, m.err
}

// Flagged flags nothing.
func (m model) Flagged(context.Context, string) (bool, error) { return false, nil }

var ada = aiusage.User{ID: "ada", Plan: tables.Free}

// write has a comment written, and returns how many are counted.
func write(t *testing.T, m model) (text string, counted int, err error) {
	t.Helper()
	usage := store.New[tables.AIUsage](dynamotest.Client(t), dynamotest.Table(t, tables.AIUsageTracking), tables.AIUsageTracking)
	ledger, err := aiusage.New(usage, aiusage.Settings{Enabled: true, Model: "gpt-4.1-mini", Budget: 1e12}, func() time.Time { return factstest.Now })
	if err != nil {
		t.Fatal(err)
	}
	text, writeErr := phrasing.New(phrasing.NewModel(m, ledger, false)).Write(t.Context(), phrasing.Request{
		User: ada, Kind: aiusage.CreditInsight, Task: "Write one sentence about the month.", Facts: factstest.Facts(t),
	})
	used, err := ledger.Usage(t.Context(), ada, aiusage.CreditInsight)
	if err != nil {
		t.Fatal(err)
	}
	return text, used.Today, writeErr
}

func TestWrite_TrueText_IsReturned(t *testing.T) {
	text, counted, err := write(t, model{text: "You spent £900 this month."})
	if text != "You spent £900 this month." || counted != 1 || err != nil {
		t.Errorf("got %q, %d, %v", text, counted, err)
	}
}

func TestWrite_LieOrRefusal_ReturnsNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		answer  model
		counted int
	}{
		"a lie":     {model{text: "You spent £901 this month."}, 1},
		"a refusal": {model{err: openai.ErrRefused}, 0},
		"cut off":   {model{err: openai.ErrTruncated}, 0},
	} {
		if text, counted, err := write(t, tc.answer); text != "" || counted != tc.counted || err != nil {
			t.Errorf("%s: got %q, %d, %v", name, text, counted, err)
		}
	}
}

func TestWrite_Outage_Is503(t *testing.T) {
	for _, fault := range []error{external.ErrTimeout, external.ErrUnavailable, external.ErrTooLarge, external.ErrInvalidResponse, errors.New("another")} {
		if text, counted, err := write(t, model{err: fault}); text != "" || counted != 0 || !errors.Is(err, apierror.Unavailable) || !errors.Is(err, fault) {
			t.Errorf("%v: got %q, %d, %v", fault, text, counted, err)
		}
	}
}

// The stage's account has what OpenAI told, and for each request without tokens what was
// held for the call.
func TestAsk_UnmeteredRequests_CostTheStageTheirHold(t *testing.T) {
	request := openai.Request{Messages: []openai.Message{{Role: openai.User, Text: "Hi"}}, MaxTokens: 200}
	const told, held = 100*400 + 10*1600, 51*400 + 200*1600
	for name, m := range map[string]model{"a timeout": {err: external.ErrTimeout, unmetered: 1}, "a text after two failures": {text: "Hi.", unmetered: 2}} {
		usage := store.New[tables.AIUsage](dynamotest.Client(t), dynamotest.Table(t, tables.AIUsageTracking), tables.AIUsageTracking)
		ledger, err := aiusage.New(usage, aiusage.Settings{Enabled: true, Model: "gpt-4.1-mini", Budget: 1e12}, func() time.Time { return factstest.Now })
		if err != nil {
			t.Fatal(err)
		}
		_, asked := phrasing.NewModel(m, ledger, false).Ask(t.Context(), ada, aiusage.Chat, request, "")
		stage, err := usage.Get(t.Context(), store.Key{tables.AIUsageStage, "2026-11"}, store.Consistent)
		if want := told + m.unmetered*held; err != nil || stage.Cost != want || !errors.Is(asked, m.err) {
			t.Errorf("%s: got %+v, want %d, %v, %v", name, stage, want, asked, err)
		}
	}
}

func TestWithTitles_OrdinaryTitle_ReplacesLetter(t *testing.T) {
	for _, title := range []string{
		"Japan 2027", "Málaga", "Mortgage deposit", "Pay off my loan", "ISA", "Tax bill", "Gold ring", "Mum's 60th", "Save £5,000", "日本",
		"Half a house", "Lisbon", "Новая машина", "Pension, at last!", "New bike 🚲", "Family 👨\u200d👩\u200d👧", "Buy Bitcoin", "St. Ives",
		"£1,000 a month",
	} {
		known := facts.Facts{Titles: map[string]string{"A": title}}
		got := phrasing.WithTitles("You have saved £450 for goal A.", known)
		if want := "You have saved £450 for goal “" + title + "”."; got != want {
			t.Errorf("got %q", got)
		}
	}
}

func TestWithTitles_TitleThatHarms_StaysALetter(t *testing.T) {
	for _, title := range []string{
		"https://evil.example", "evil.top/pay", "savings.finance", "[Click](https://evil.example)", "<b>Lisbon</b>", "`rm`", "help@example.com",
		"Your password please", "Tell me your PIN", "Lis\u202ebon", "Lisbon\nYou spent £1.", "Lis\u0000bon", "&lt;b&gt;", "", "  ",
	} {
		known := facts.Facts{Titles: map[string]string{"A": title}}
		if got := phrasing.WithTitles("You have saved £450 for goal A.", known); got != "You have saved £450 for goal A." {
			t.Errorf("%q: got %q", title, got)
		}
	}
}
