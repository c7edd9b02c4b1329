package ai

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/entitlement"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/facts"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Assistant answers with the model.
var Assistant = function.Define(function.Spec[*assistant]{
	Name:    "ai-assistant",
	Purpose: "Answers questions of the caller and comments on charts, in words of the model with figures of the backend.",
	New:     newAssistant,
	Routes: []function.RouteOf[*assistant]{
		function.SignedIn("POST /ai/insight", (*assistant).Answer, function.BodyLimit(maxContextBody), perUser),
		function.SignedIn("POST /ai/chart-insight", (*assistant).ChartInsight, perUser),
		function.SignedIn("POST /ai/credit-insight", (*assistant).CreditInsight, perUser),
		function.SignedIn("POST /ai/categorize", (*assistant).Categorize, function.Limits(function.Limit{Requests: 60, Per: time.Minute})),
	},
	Permissions: phrasing.Permissions.And(facts.Permissions).And(entitlement.Permissions).
		And(sealed.Permissions(tables.AIChatHistory, tables.BatchGetItem, tables.PutItem)).And(erasure.GuardPermissions),
	Timeout: 29 * time.Second, // the app waits for 30 s
})

// maxContextBody is the largest body in bytes. The app sends 1,000 transactions of some
// 440 bytes each, which the backend does not use.
const maxContextBody = 1 << 20

// perUser is how often a user may call a route with the model, in bursts. The app sends
// a question that was refused three times more. Package aiusage has the limits of plans.
var perUser = function.Limits(function.Limit{Requests: 20, Per: time.Minute})

type assistant struct {
	plans interface {
		Of(ctx context.Context, caller function.Caller) (entitlement.Entitlement, error)
	}
	accounts interface {
		Get(ctx context.Context, userID string) (*tables.User, error)
	}
	facts interface {
		Read(ctx context.Context, userID string, now time.Time) (facts.Facts, error)
	}
	writer interface {
		Write(ctx context.Context, request phrasing.Request) (string, error)
	}
	usage interface {
		Usage(ctx context.Context, user aiusage.User, kind aiusage.Kind) (aiusage.Usage, error)
	}
	categories *suggester
	now        func() time.Time
}

func newAssistant(resources *function.Resources) (*assistant, error) {
	plans, err := entitlement.Open(resources)
	if err != nil {
		return nil, err
	}
	model, err := phrasing.OpenModel(resources)
	if err != nil {
		return nil, err
	}
	usage, err := aiusage.Open(resources)
	if err != nil {
		return nil, err
	}
	suggestions := sealed.Open[tables.AISuggestion](resources, tables.AIChatHistory)
	return &assistant{
		plans: plans, accounts: accounts.Open(resources), facts: facts.Open(resources), writer: phrasing.New(model), usage: usage,
		categories: &suggester{known: suggestions, guard: erasure.OpenGuard(resources), model: model, now: time.Now}, now: time.Now,
	}, nil
}

// user returns the caller with their plan.
func (a *assistant) user(ctx context.Context, caller function.Caller) (aiusage.User, error) {
	plan, err := a.plans.Of(ctx, caller)
	return aiusage.User{ID: caller.UserID, Plan: plan.Plan}, err
}

// Tasks returns everything that a model is told to write.
func Tasks() []string {
	tasks := []string{answerTask, creditTask}
	for _, about := range charts {
		tasks = append(tasks, about.task)
	}
	return tasks
}
