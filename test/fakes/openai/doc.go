// Package openai is a stand-in for OpenAI's chat completions and moderations
// (https://platform.openai.com/docs/api-reference/chat/create). It answers with
// what a test sets, checks what OpenAI checks of a request, and keeps whatever arrives, before any fault.
package openai
