package openai

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/test/fakes"
)

// Reply is what the model answers.
type Reply struct {
	Text string
	// Refusal is the text of a refusal; the answer then has no text.
	Refusal string
	// FinishReason is "stop" by default; "length" and "content_filter" are others.
	FinishReason string
}

// Fake is OpenAI with one API key. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults

	mu    sync.Mutex
	key   string
	reply Reply
	last  map[string]any
}

// New returns an OpenAI that accepts the key and answers "Hello.".
func New(key string) *Fake {
	f := &Fake{key: key, reply: Reply{Text: "Hello."}}
	f.ErrorBody = func(status int) string {
		if status == http.StatusTooManyRequests {
			return `{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}`
		}
		return `{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}`
	}
	return f
}

// RotateKey makes another key the only one.
func (f *Fake) RotateKey(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key = key
}

// Answer sets what the model answers from now on.
func (f *Fake) Answer(reply Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reply = reply
}

// LastRequest returns the body of the last accepted request.
func (f *Fake) LastRequest() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// Handler returns OpenAI's endpoint.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", f.complete)
	return f.Wrap(mux)
}

func (f *Fake) complete(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+f.key {
		refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided.")
		return
	}
	var request struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content any    `json:"content"`
		} `json:"messages"`
	}
	body := map[string]any{}
	decoder := json.NewDecoder(r.Body)
	if err := decoder.Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, "", "We could not parse the JSON body of your request.")
		return
	}
	text, _ := json.Marshal(body)
	if err := json.Unmarshal(text, &request); err != nil || request.Model == "" || len(request.Messages) == 0 {
		refuse(w, http.StatusBadRequest, "", "you must provide a model and messages")
		return
	}
	f.last = body
	fakes.WriteJSON(w, http.StatusOK, f.completion(request.Model))
}

// completion is an object "chat.completion".
func (f *Fake) completion(model string) any {
	message := map[string]any{"role": "assistant", "content": f.reply.Text, "refusal": nil, "annotations": []any{}}
	if f.reply.Refusal != "" {
		message["content"], message["refusal"] = nil, f.reply.Refusal
	}
	finish := f.reply.FinishReason
	if finish == "" {
		finish = "stop"
	}
	output := len(strings.Fields(f.reply.Text))
	return map[string]any{
		"id": "chatcmpl-" + rand.Text(), "object": "chat.completion", "created": 1741569952, "model": model,
		"choices": []any{map[string]any{"index": 0, "message": message, "logprobs": nil, "finish_reason": finish}},
		"usage": map[string]any{
			"prompt_tokens": 19, "completion_tokens": output, "total_tokens": 19 + output,
			"completion_tokens_details": map[string]any{"reasoning_tokens": 0},
		},
		"service_tier": "default", "system_fingerprint": nil,
	}
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	fakes.WriteJSON(w, status, map[string]any{"error": map[string]any{
		"message": message, "type": "invalid_request_error", "param": nil, "code": code,
	}})
}
