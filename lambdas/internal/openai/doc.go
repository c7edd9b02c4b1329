// Package openai is the client of OpenAI's chat completions
// (https://platform.openai.com/docs/api-reference/chat).
//
// A use case declares the part it needs, so that its test needs no OpenAI:
//
//	type completer interface {
//		Complete(ctx context.Context, request openai.Request) (openai.Answer, error)
//	}
//
// Requests and answers are those of the openai-go library; sending, limits,
// repetition and the breaker "openai" are package external's. Completions are not
// stored at OpenAI. What users write and what the model answers is never logged,
// nor part of an error.
//
// A completion takes seconds and the API's integration ends after 30, so a
// function that uses this package needs a timeout to match (Config.Timeout and
// the margin to answer).
package openai
