package ai

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure/erasuretest"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/facts/factstest"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/openai"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// ada is the user of tests. Their facts are those of factstest.
var ada = function.Caller{UserID: "ada", Username: "ada.lovelace"}

// world is OpenAI, the tables, and a clock that tests move.
type world struct {
	consents consents
	t        *testing.T
	openAI   *fake.Fake
	model    *phrasing.Model
	ledger   *aiusage.Ledger
	chat     sealedtest.Table[tables.AIMessage]
	// suggestions is a table of its own, since each has its users' data keys.
	suggestions sealedtest.Table[tables.AISuggestion]
	users       erasuretest.Accounts
	plan        tables.Plan
	at          time.Time
}

func newWorld(t *testing.T) *world { return newWorldWith(t, time.Second) }

// newWorldWith returns a world in which the model has some time for an answer.
func newWorldWith(t *testing.T, timeout time.Duration) *world {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	w := &world{t: t, openAI: fake.New("key"), plan: tables.Free, at: factstest.Now}
	usage := store.New[tables.AIUsage](dynamotest.Client(t), dynamotest.Table(t, tables.AIUsageTracking), tables.AIUsageTracking)
	ledger, err := aiusage.New(usage, aiusage.Settings{Enabled: true, Model: "gpt-4.1-mini", Moderation: true, Budget: 1e12}, w.now)
	must(t, err)
	client, err := openai.New(openai.Config{
		Model: "gpt-4.1-mini", BaseURL: fakes.Serve(t, w.openAI.Handler()) + "/v1", Timeout: timeout,
		Key: func(context.Context) (string, error) { return "key", nil },
	})
	must(t, err)
	w.ledger, w.model = ledger, phrasing.NewModel(client, ledger, true)
	w.chat = sealedtest.New[tables.AIMessage](t, tables.AIChatHistory, "ada", "eve")
	w.users = erasuretest.New(t, "ada", "eve")
	w.suggestions = sealedtest.New[tables.AISuggestion](t, tables.AIChatHistory, "ada", "eve")
	return w
}

func (w *world) now() time.Time { return w.at }

// consents are the users who have consented to longer retention.
type consents map[string]bool

func (c consents) HasConsented(_ context.Context, userID string) (bool, error) { return c[userID], nil }

// Of returns the plan of every user.
func (w *world) Of(context.Context, function.Caller) (entitlement.Entitlement, error) {
	return entitlement.Entitlement{Plan: w.plan}, nil
}

// Get returns the account of a user.
func (w *world) Get(_ context.Context, userID string) (*tables.User, error) {
	if userID != ada.UserID {
		return nil, accounts.ErrNotFound
	}
	return &tables.User{UserID: userID, Username: "ada.lovelace", Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace", Email: "ada@example.com"}, nil
}

func (w *world) assistant() *assistant { return w.assistantWith(factstest.Reader()) }

func (w *world) assistantWith(reader *facts.Reader) *assistant {
	return &assistant{plans: w, accounts: w, facts: reader, writer: phrasing.New(w.model), usage: w.ledger, categories: w.suggester(), now: w.now}
}

func (w *world) suggester() *suggester {
	return &suggester{known: w.suggestions.Table, guard: w.users.Guard, model: w.model, now: w.now}
}

func (w *world) history() *chatHistory {
	return &chatHistory{messages: w.chat.Table, items: w.chat.Raw, consents: w.consents, now: w.now}
}

// ask asks the assistant a question.
func (w *world) ask(question string) (answerResponse, error) {
	w.t.Helper()
	return w.assistant().Answer(w.t.Context(), ada, questionRequest{Message: question})
}

// asked returns how many questions of today are counted.
func (w *world) asked() int {
	w.t.Helper()
	usage, err := w.ledger.Usage(w.t.Context(), aiusage.User{ID: ada.UserID, Plan: w.plan}, aiusage.Chat)
	must(w.t, err)
	return usage.Today
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
