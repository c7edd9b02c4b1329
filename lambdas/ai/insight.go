package ai

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/phrasing"
	"github.com/expenzez/infrastructure/lambdas/internal/scrub"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// answerTask is what the model is to do with a question.
const answerTask = "Answer the question from the facts. Add one practical idea about spending or saving if it fits."

// questionRequest is a question. What the app sends with it as financialContext is not
// read: the figures are the backend's.
type questionRequest struct {
	Message string `json:"message" validate:"required,max=2000"`
}

type answerResponse struct {
	Answer  string `json:"answer"`
	Success bool   `json:"success"`
	// Source is "model" for the model's words, and "figures" for the backend's.
	Source string `json:"source"`
	// Quota is absent if it could not be read.
	Quota *quota `json:"quota,omitempty"`
}

// quota is how many questions the caller may still ask today.
type quota struct {
	Limit     int `json:"limit"`
	Remaining int `json:"remaining"`
	// ResetsAt is when the day ends, in UTC.
	ResetsAt dates.Instant `json:"resetsAt"`
}

// Answer answers a question with the model's words, or from the figures alone when the
// model has none that can be used.
func (a *assistant) Answer(ctx context.Context, caller function.Caller, in questionRequest) (answerResponse, error) {
	user, err := a.user(ctx, caller)
	if err != nil {
		return answerResponse{}, err
	}
	person, err := a.accounts.Get(ctx, caller.UserID)
	if err != nil {
		return answerResponse{}, err
	}
	known, err := a.facts.Read(ctx, caller.UserID, a.now())
	if err != nil {
		return answerResponse{}, err
	}
	text, err := a.writer.Write(ctx, phrasing.Request{
		User: user, Kind: aiusage.Chat, Task: answerTask, Facts: known, Question: scrub.Question(in.Message, *person),
	})
	if err != nil {
		return answerResponse{}, aiusage.AsAPIError(err)
	}
	response := answerResponse{Answer: text, Success: true, Source: "model", Quota: a.quota(ctx, user)}
	if text == "" {
		response.Answer, response.Source = cannotAnswer+phrasing.WithTitles(known.Summary(), known), "figures"
	}
	return response, nil
}

// quota returns what is left of the day after a question. The answer is worth more than its
// quota, so that an error leaves the quota out.
func (a *assistant) quota(ctx context.Context, user aiusage.User) *quota {
	usage, err := a.usage.Usage(ctx, user, aiusage.Chat)
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "the quota of questions cannot be read", "error", err)
		return nil
	}
	return &quota{Limit: usage.DailyLimit, Remaining: max(0, usage.DailyLimit-usage.Today), ResetsAt: dates.Seconds(usage.ResetsAt.UnixMilli())}
}

// cannotAnswer stands in front of the figures.
const cannotAnswer = "I cannot answer that. This is what I can tell you: "
