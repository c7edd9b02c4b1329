package phrasing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/aiusage"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Permissions are what a function needs that opens a Model or a Writer.
var Permissions = aiusage.Permissions.And(function.Permissions{
	Secrets:  []*secrets.Secret{secrets.OpenAI},
	External: []function.Service{function.OpenAI},
})

var (
	// ErrNoText is returned when the model answered without a text: it refused, its answer
	// was cut off, or the moderation flagged the question.
	ErrNoText = errors.New("the model has no text for this")
	// ErrFlagged is the ErrNoText of a text that the moderation flagged. The model was not asked.
	ErrFlagged = fmt.Errorf("%w: the moderation flagged it", ErrNoText)
)

// modelTimeout bounds a call with its retries. The app waits for 30 s.
const modelTimeout = 20 * time.Second

// completer is the part of *openai.Client that a Model needs.
type completer interface {
	Complete(ctx context.Context, request openai.Request) (openai.Response, error)
	Flagged(ctx context.Context, text string) (bool, error)
}

// Model is OpenAI's model with the accounts of what it costs.
type Model struct {
	client     completer
	ledger     *aiusage.Ledger
	moderation bool
}

// OpenModel returns the model of a function that has Permissions. The key is read when
// it is first needed: without it the function starts, and calls answer 503.
func OpenModel(resources *function.Resources) (*Model, error) {
	ledger, err := aiusage.Open(resources)
	if err != nil {
		return nil, err
	}
	settings := ledger.Settings()
	client, err := openai.New(openai.Config{
		Model:      settings.Model,
		Key:        secretcache.OpenLazy(resources, secrets.OpenAI).Reader(secrets.OpenAIAPIKey),
		BaseURL:    resources.BaseURL(function.OpenAI),
		Timeout:    modelTimeout,
		Middleware: []external.Middleware{resources.Transport},
	})
	return NewModel(client, ledger, settings.Moderation), err
}

// NewModel returns the model with this client and ledger.
func NewModel(client completer, ledger *aiusage.Ledger, moderation bool) *Model {
	return &Model{client, ledger, moderation}
}

// Ask asks the model for a user. untrusted is the text of the user in the request, which
// is moderated first; it may be empty. Ask returns ErrNoText, which may be ErrFlagged, a
// *aiusage.LimitError, or a 503.
func (m *Model) Ask(ctx context.Context, user aiusage.User, kind aiusage.Kind, request openai.Request, untrusted string) (openai.Response, error) {
	call, err := m.ledger.Reserve(ctx, user, kind, most(request))
	if err != nil {
		return openai.Response{}, err
	}
	if m.moderation && untrusted != "" {
		flagged, err := m.client.Flagged(ctx, untrusted)
		if err != nil || flagged {
			m.closed(ctx, call.GiveBack(ctx))
		}
		if err != nil {
			return openai.Response{}, outcome(err)
		}
		if flagged {
			return openai.Response{}, ErrFlagged
		}
	}
	response, err := m.client.Complete(ctx, request)
	used := aiusage.Tokens{Input: response.InputTokens, Output: response.OutputTokens}
	call.AddUnmetered(response.Unmetered)
	if err != nil {
		m.closed(ctx, call.Refused(ctx, used))
		return openai.Response{}, outcome(err)
	}
	m.closed(ctx, call.Settle(ctx, used))
	return response, nil
}

// outcome returns ErrNoText for an answer without a text, and a 503 for every other
// failure of the model, whatever its reason: at another status the app asks again, or
// shows an error.
func outcome(err error) error {
	if errors.Is(err, openai.ErrRefused) || errors.Is(err, openai.ErrTruncated) {
		return errors.Join(ErrNoText, err)
	}
	return apierror.Unavailable.After(time.Minute).Because(err)
}

// closed logs that a call could not be settled. Its hold ends by itself, and the answer
// is there.
func (m *Model) closed(ctx context.Context, err error) {
	if err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "AI call not settled", "error", err.Error())
	}
}

// most returns the most tokens that a request takes. Two bytes a token is half of what
// English texts and JSON have.
func most(request openai.Request) aiusage.Tokens {
	bytes := 0
	for _, message := range request.Messages {
		bytes += len(message.Text)
	}
	return aiusage.Tokens{Input: int64(bytes/2 + 50), Output: int64(request.MaxTokens)}
}
