package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// What a use case tells apart. The errors of package external mean that there is
// no answer; a 429 is a *external.StatusError.
var (
	// ErrRefused is returned when the model or OpenAI's filter declines to answer.
	ErrRefused = errors.New("openai: the model declined to answer")
	// ErrTruncated is returned when the answer does not fit Request.MaxTokens.
	ErrTruncated = errors.New("openai: the answer is longer than the tokens allowed")
)

// Config says which model answers and how to reach it.
type Config struct {
	// Model is OpenAI's name of the model, such as "gpt-4o-mini".
	Model string
	// Key reads the API key where it is kept. It is called when the key is first
	// needed, and again when OpenAI rejects it.
	Key func(context.Context) (string, error)
	// BaseURL is for the local stage and tests. Default: https://api.openai.com/v1.
	BaseURL string
	// Timeout is for a completion with its repetitions. Default: 25 s.
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
}

// New returns a client; nothing is fetched yet. It returns an error when model
// or key are missing or the base URL is not one that a client may have.
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
	return &Client{
		model: config.Model,
		http:  client,
		key:   external.NewCredential(config.Key),
		// The service and not openai.NewClient, which reads keys and addresses from
		// the environment.
		chat: openai.NewChatCompletionService(
			option.WithBaseURL(config.BaseURL), option.WithHTTPClient(client), option.WithMaxRetries(0),
		),
	}, nil
}

// Role says whose words a message holds.
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

// Request is a conversation to be continued.
type Request struct {
	Messages []Message
	// MaxTokens is the most the answer may cost, the model's reasoning included.
	MaxTokens int
	// Schema, when set, makes the answer JSON of this shape.
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

// Response is what the model says.
type Response struct {
	// Text is the answer: prose, or JSON when the request has a schema.
	Text string
	// InputTokens and OutputTokens are what is paid for.
	InputTokens, OutputTokens int64
}

// Complete returns the model's answer. Asking twice costs twice but changes
// nothing, so failed requests are repeated. It returns ErrRefused, ErrTruncated
// or an error of package external.
func (c *Client) Complete(ctx context.Context, request Request) (Response, error) {
	params, err := c.params(request)
	if err != nil {
		return Response{}, err
	}
	var completion *openai.ChatCompletion
	err = c.key.Use(ctx, unauthorized, func(key string) (err error) {
		completion, err = c.chat.New(external.AllowRetry(ctx), params, option.WithAPIKey(key))
		return c.refusal(err)
	})
	if err != nil {
		return Response{}, err
	}
	return read(completion, request.Schema != nil)
}

func unauthorized(err error) bool { return external.IsStatus(err, http.StatusUnauthorized) }

// refusal turns the library's error, which prints what OpenAI says, into ours.
func (c *Client) refusal(err error) error {
	var status *openai.Error
	if errors.As(err, &status) {
		return c.http.StatusError(status.Response, []byte(status.RawJSON()))
	}
	return err
}

// read returns the text of a completion that is complete.
func read(completion *openai.ChatCompletion, isJSON bool) (Response, error) {
	if len(completion.Choices) == 0 {
		return Response{}, fmt.Errorf("openai: %w: it has no choice", external.ErrInvalidResponse)
	}
	choice := completion.Choices[0]
	answer := Response{
		Text:         choice.Message.Content,
		InputTokens:  completion.Usage.PromptTokens,
		OutputTokens: completion.Usage.CompletionTokens,
	}
	switch {
	case choice.Message.Refusal != "", choice.FinishReason == "content_filter":
		return Response{}, ErrRefused
	case choice.FinishReason == "length":
		return Response{}, ErrTruncated
	case answer.Text == "", isJSON && !json.Valid([]byte(answer.Text)):
		return Response{}, fmt.Errorf("openai: %w: the text is not what was asked for", external.ErrInvalidResponse)
	}
	return answer, nil
}
