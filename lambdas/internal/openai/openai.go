package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// Errors for use cases. The errors of package external mean that there is no
// completion. A 429 is a *external.StatusError.
var (
	// ErrRefused is returned when the model or OpenAI's filter refuses to complete
	// the request.
	ErrRefused = errors.New("openai: the model declined to answer")
	// ErrTruncated is returned when the completion is longer than Request.MaxTokens.
	ErrTruncated = errors.New("openai: the answer is longer than the tokens allowed")

	errNoVerdict = fmt.Errorf("openai: %w: it has no verdict", external.ErrInvalidResponse)
)

// Config configures the model and its service.
type Config struct {
	// Model is OpenAI's name of the model, such as "gpt-4o-mini".
	Model string
	// Key returns the API key. It is called at the key's first use, and again when
	// OpenAI rejects the key.
	Key func(context.Context) (string, error)
	// BaseURL is for the local stage and tests. Default: https://api.openai.com/v1.
	BaseURL string
	// Timeout bounds a completion with its retries. Default: 25 s.
	Timeout time.Duration
	// Middleware wraps each attempt, for telemetry.
	Middleware []external.Middleware
}

// Client asks for completions. It is safe for concurrent use.
type Client struct {
	model string
	http  *external.Client
	key   *external.Credential[string]
	chat  openai.ChatCompletionService

	moderation openai.ModerationService
}

// New returns a client without fetching anything. It returns an error when model or
// key are missing or the base URL is invalid.
func New(config Config) (*Client, error) {
	if config.Model == "" || config.Key == nil {
		return nil, errors.New("openai: Config needs Model and Key")
	}
	if config.BaseURL == "" {
		config.BaseURL = "https://api.openai.com/v1"
	}
	if config.Timeout == 0 {
		config.Timeout = 25 * time.Second
	}
	client, err := external.New(external.Service{
		Name:    "openai",
		BaseURL: config.BaseURL,
		Timeout: config.Timeout,
	}, config.Middleware...)
	if err != nil {
		return nil, err
	}
	options := []option.RequestOption{option.WithBaseURL(config.BaseURL), option.WithHTTPClient(client), option.WithMaxRetries(0)}
	return &Client{
		model: config.Model,
		http:  client,
		key:   external.NewCredential(config.Key),
		// These are the services instead of openai.NewClient, which reads keys and URLs
		// from the environment.
		chat:       openai.NewChatCompletionService(options...),
		moderation: openai.NewModerationService(options...),
	}, nil
}

// Role is the author of a message.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one turn of the conversation.
type Message struct {
	Role Role
	Text string
}

// Request is a conversation to continue.
type Request struct {
	Messages []Message
	// MaxTokens bounds the tokens of the completion, including the model's reasoning.
	MaxTokens int
	// Schema makes the completion JSON of this shape. Default: prose.
	Schema *Schema
}

// Schema is a JSON Schema in the subset of structured outputs
// (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
type Schema struct {
	// Name has letters, digits, "_" and "-", at most 64.
	Name string
	// JSON is the schema itself.
	JSON json.RawMessage
}

// Response is a completion.
type Response struct {
	// Text is prose, or JSON when the request has a schema.
	Text string
	// InputTokens and OutputTokens are the billed tokens.
	InputTokens, OutputTokens int64
	// Unmetered is how many requests OpenAI may have billed without telling their tokens:
	// those that timed out, broke off, or had a response that cannot be read.
	Unmetered int64
}

// Complete returns the model's completion. A repeated request costs twice and has no
// other effect, so failed requests are retried. Complete returns ErrRefused,
// ErrTruncated or an error of package external. With an error, the response has no text;
// it has the billed tokens as far as they are known, and Unmetered.
func (c *Client) Complete(ctx context.Context, request Request) (Response, error) {
	params, err := c.params(request)
	if err != nil {
		return Response{}, err
	}
	var completion *openai.ChatCompletion
	var acted atomic.Int64
	counted := external.CountActed(external.AllowRetry(ctx), &acted)
	err = c.key.Use(ctx, external.IsUnauthorized, func(key string) (err error) {
		completion, err = c.chat.New(counted, params, option.WithAPIKey(key))
		return c.refusal(err)
	})
	if err != nil {
		return Response{Unmetered: acted.Load()}, err
	}
	response, err := read(completion, request.Schema != nil)
	response.Unmetered = acted.Load()
	if response.InputTokens > 0 {
		response.Unmetered-- // the last request told its tokens
	}
	return response, err
}

// refusal returns the package's error for an error of the library, which would print
// the response.
func (c *Client) refusal(err error) error {
	var status *openai.Error
	if errors.As(err, &status) {
		return c.http.StatusError(status.Response, []byte(status.RawJSON()))
	}
	return err
}

// read returns the text of a finished completion, and the billed tokens with an error, too.
func read(completion *openai.ChatCompletion, isJSON bool) (Response, error) {
	billed := Response{InputTokens: completion.Usage.PromptTokens, OutputTokens: completion.Usage.CompletionTokens}
	if len(completion.Choices) == 0 {
		return billed, fmt.Errorf("openai: %w: it has no choice", external.ErrInvalidResponse)
	}
	choice := completion.Choices[0]
	text := choice.Message.Content
	switch {
	case choice.Message.Refusal != "", choice.FinishReason == "content_filter":
		return billed, ErrRefused
	case choice.FinishReason == "length":
		return billed, ErrTruncated
	case text == "", isJSON && !json.Valid([]byte(text)):
		return billed, fmt.Errorf("openai: %w: the text is not what was asked for", external.ErrInvalidResponse)
	}
	billed.Text = text
	return billed, nil
}
