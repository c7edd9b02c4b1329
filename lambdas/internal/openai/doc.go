// Package openai is the client of OpenAI's chat completions
// (https://platform.openai.com/docs/api-reference/chat).
//
// A use case declares the part that it needs, so its test needs no OpenAI:
//
//	type completer interface {
//		Complete(ctx context.Context, request openai.Request) (openai.Response, error)
//	}
//
// The library openai-go encodes requests and decodes responses. Package external
// sends them, with its limits, its retries and the breaker "openai". OpenAI does not
// store the completions. The texts of users and of the model are never logged and
// never part of an error.
//
// A completion takes seconds, and the API's integration ends after 30. A function
// that uses this package needs a timeout for Config.Timeout and the response.
package openai
