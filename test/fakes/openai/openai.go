package openai

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
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
	keys  []string
	reply func(request map[string]any) Reply
	sent  []Request
}

// Request is a request that left for OpenAI, whatever became of it.
type Request struct {
	Path string
	// Header is without the key.
	Header http.Header
	// Body is the body, as a JSON string if it is no JSON.
	Body json.RawMessage
}

// New returns an OpenAI that accepts the key and answers "Hello.".
func New(key string) *Fake {
	f := &Fake{keys: []string{key}}
	f.Answer(Reply{Text: "Hello."})
	f.ErrorBody = func(status int) string {
		if status == http.StatusTooManyRequests {
			return `{"error":{"message":"Rate limit reached","type":"requests","param":null,"code":"rate_limit_exceeded"}}`
		}
		return `{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}`
	}
	return f
}

// RotateKey makes another key the only one.
func (f *Fake) RotateKey(key string) { f.Accept(key) }

// Accept makes these keys the only ones, as a project has two while a key is rotated.
func (f *Fake) Accept(keys ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys = keys
}

// Answer sets what the model answers from now on.
func (f *Fake) Answer(reply Reply) { f.AnswerWith(func(map[string]any) Reply { return reply }) }

// AnswerWith sets what the model answers to the body of a request from now on, such as
// what the text in it asks for.
func (f *Fake) AnswerWith(reply func(request map[string]any) Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reply = reply
}

// LastRequest returns the body of the last request for a completion.
func (f *Fake) LastRequest() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, request := range slices.Backward(f.sent) {
		var body map[string]any
		if json.Unmarshal(request.Body, &body) == nil && body["messages"] != nil {
			return body
		}
	}
	return nil
}

// Sent returns all requests, those that met a fault or were refused among them.
func (f *Fake) Sent() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sent)
}

// FlaggedWord is the word for which the moderation flags a text.
const FlaggedWord = "dreadful"

// Handler returns OpenAI's endpoints.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", f.complete)
	mux.HandleFunc("POST /v1/moderations", f.moderate)
	return f.record(f.Wrap(mux))
}

// record keeps each request before anything answers it.
func (f *Fake) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			refuse(w, http.StatusBadRequest, "", "We could not read the body of your request.")
		}
		header, body := r.Header.Clone(), json.RawMessage(text)
		header.Del("Authorization")
		if !json.Valid(text) {
			body, _ = json.Marshal(string(text))
		}
		f.mu.Lock()
		f.sent = append(f.sent, Request{r.URL.RequestURI(), header, body})
		f.mu.Unlock()
		if err == nil {
			r.Body = io.NopCloser(bytes.NewReader(text))
			next.ServeHTTP(w, r)
		}
	})
}

func (f *Fake) complete(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, ok := f.read(w, r)
	if !ok {
		return
	}
	var request struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content any    `json:"content"`
		} `json:"messages"`
	}
	text, _ := json.Marshal(body)
	if err := json.Unmarshal(text, &request); err != nil || request.Model == "" || len(request.Messages) == 0 {
		refuse(w, http.StatusBadRequest, "", "you must provide a model and messages")
		return
	}
	fakes.WriteJSON(w, http.StatusOK, completion(request.Model, f.reply(body)))
}

// read returns the body of a request with the right key.
func (f *Fake) read(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	if key, is := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !is || !slices.Contains(f.keys, key) {
		refuse(w, http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided.")
		return nil, false
	}
	body := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		refuse(w, http.StatusBadRequest, "", "We could not parse the JSON body of your request.")
		return nil, false
	}
	return body, true
}

// moderate answers as https://platform.openai.com/docs/api-reference/moderations/create.
func (f *Fake) moderate(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, ok := f.read(w, r)
	if !ok {
		return
	}
	text, isText := body["input"].(string)
	if !isText || text == "" {
		refuse(w, http.StatusBadRequest, "", "you must provide an input")
		return
	}
	flagged := strings.Contains(text, FlaggedWord)
	fakes.WriteJSON(w, http.StatusOK, map[string]any{
		"id": "modr-" + rand.Text(), "model": body["model"],
		"results": []any{map[string]any{"flagged": flagged, "categories": map[string]bool{"hate": flagged}, "category_scores": map[string]float64{}}},
	})
}

// completion is an object "chat.completion".
func completion(model string, reply Reply) any {
	message := map[string]any{"role": "assistant", "content": reply.Text, "refusal": nil, "annotations": []any{}}
	if reply.Refusal != "" {
		message["content"], message["refusal"] = nil, reply.Refusal
	}
	finish := reply.FinishReason
	if finish == "" {
		finish = "stop"
	}
	output := len(strings.Fields(reply.Text))
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
