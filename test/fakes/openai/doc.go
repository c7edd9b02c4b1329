// Package openai is a stand-in for OpenAI's chat completions
// (https://platform.openai.com/docs/api-reference/chat/create). It answers with
// what a test sets and checks what OpenAI checks of a request.
package openai
