package openai

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"
)

// params returns the request in the library's form. It returns an error when OpenAI
// would certainly refuse the request.
func (c *Client) params(request Request) (openai.ChatCompletionNewParams, error) {
	params := openai.ChatCompletionNewParams{
		Model:               c.model,
		MaxCompletionTokens: openai.Int(int64(request.MaxTokens)),
		Store:               openai.Bool(false),
	}
	if len(request.Messages) == 0 || request.MaxTokens <= 0 {
		return params, errors.New("openai: a request needs messages and a positive MaxTokens")
	}
	for _, message := range request.Messages {
		switch message.Role {
		case System:
			params.Messages = append(params.Messages, openai.SystemMessage(message.Text))
		case User:
			params.Messages = append(params.Messages, openai.UserMessage(message.Text))
		case Assistant:
			params.Messages = append(params.Messages, openai.AssistantMessage(message.Text))
		default:
			return params, fmt.Errorf("openai: unknown role %q", message.Role)
		}
	}
	if request.Schema != nil {
		if !json.Valid(request.Schema.JSON) {
			return params, fmt.Errorf("openai: the schema %q is not JSON", request.Schema.Name)
		}
		params.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name: request.Schema.Name, Strict: openai.Bool(true), Schema: request.Schema.JSON,
			},
		}
	}
	return params, nil
}
