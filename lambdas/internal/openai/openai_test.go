package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/openai"
	"github.com/expenzez/infrastructure/test/fakes"
	fake "github.com/expenzez/infrastructure/test/fakes/openai"
)

// start returns OpenAI's fake and a client of it whose key is key1, and after
// every fetch the next one: key2, key3.
func start(t *testing.T) (*fake.Fake, *openai.Client) {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	service := fake.New("key1")
	fetched := 0
	client, err := openai.New(openai.Config{
		Model:   "gpt-4o-mini",
		BaseURL: fakes.Serve(t, service.Handler()) + "/v1",
		Timeout: 5 * time.Second,
		Key: func(context.Context) (string, error) {
			fetched++
			return fmt.Sprintf("key%d", fetched), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return service, client
}

var question = openai.Request{
	Messages:  []openai.Message{{Role: openai.System, Text: "Be brief."}, {Role: openai.User, Text: "Can I afford it?"}},
	MaxTokens: 100,
}

func TestComplete_ReturnsCompletion(t *testing.T) {
	service, client := start(t)
	service.Answer(fake.Reply{Text: "Yes you can."})
	answer, err := client.Complete(t.Context(), question)
	if want := (openai.Response{Text: "Yes you can.", InputTokens: 19, OutputTokens: 3}); err != nil || answer != want {
		t.Fatalf("got %+v, %v", answer, err)
	}
	sent := service.LastRequest()
	messages, err := json.Marshal(sent["messages"])
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"content":"Be brief.","role":"system"},{"content":"Can I afford it?","role":"user"}]`; string(messages) != want {
		t.Errorf("messages are %s, want %s", messages, want)
	}
	if sent["model"] != "gpt-4o-mini" || sent["max_completion_tokens"] != 100.0 || sent["store"] != false || sent["response_format"] != nil {
		t.Errorf("sent %v", sent)
	}
}

func TestComplete_Schema_ReturnsJSON(t *testing.T) {
	service, client := start(t)
	request := question
	request.Schema = &openai.Schema{Name: "verdict", JSON: json.RawMessage(`{"type":"object"}`)}
	service.Answer(fake.Reply{Text: `{"affordable":true}`})
	answer, err := client.Complete(t.Context(), request)
	if err != nil || answer.Text != `{"affordable":true}` {
		t.Fatalf("got %+v, %v", answer, err)
	}
	format, err := json.Marshal(service.LastRequest()["response_format"])
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"json_schema":{"name":"verdict","schema":{"type":"object"},"strict":true},"type":"json_schema"}`; string(format) != want {
		t.Errorf("the format is %s, want %s", format, want)
	}
	service.Answer(fake.Reply{Text: "Yes."})
	if _, err := client.Complete(t.Context(), request); !errors.Is(err, external.ErrInvalidResponse) {
		t.Errorf("prose for JSON: %v", err)
	}
}

func TestComplete_IncompleteCompletion_IsError(t *testing.T) {
	service, client := start(t)
	for name, test := range map[string]struct {
		reply fake.Reply
		want  error
	}{
		"a refusal": {fake.Reply{Refusal: "I cannot help."}, openai.ErrRefused},
		"filtered":  {fake.Reply{FinishReason: "content_filter"}, openai.ErrRefused},
		"cut off":   {fake.Reply{Text: "Yes, but", FinishReason: "length"}, openai.ErrTruncated},
		"empty":     {fake.Reply{}, external.ErrInvalidResponse},
		"prose":     {fake.Reply{Text: "Yes"}, external.ErrInvalidResponse},
	} {
		service.Answer(test.reply)
		request := question
		if name == "prose" {
			request.Schema = &openai.Schema{Name: "verdict", JSON: json.RawMessage(`{}`)}
		}
		billed := openai.Response{InputTokens: 19, OutputTokens: int64(len(strings.Fields(test.reply.Text)))}
		if got, err := client.Complete(t.Context(), request); !errors.Is(err, test.want) || got != billed {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// OpenAI may bill a request whatever becomes of its response, unless it refused the request.
func TestComplete_Faults_CountUnmeteredRequests(t *testing.T) {
	for fault, want := range map[fakes.Fault]int64{
		fakes.ServerError: 3, fakes.Cut: 3, fakes.Garbage: 1, fakes.Huge: 1, fakes.Hanging: 1, fakes.Throttled: 0,
	} {
		service, client := start(t)
		service.RetryAfter = "60"
		service.Set(fault)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if got, err := client.Complete(ctx, question); err == nil || got != (openai.Response{Unmetered: want}) {
			t.Errorf("%s: got %+v, %v", fault, got, err)
		}
		cancel()
	}
	service, client := start(t)
	service.SetFor(2, fakes.ServerError)
	if got, err := client.Complete(t.Context(), question); err != nil || got.Unmetered != 2 || got.InputTokens != 19 {
		t.Errorf("after two failures: got %+v, %v", got, err)
	}
}

func TestComplete_NothingSentOrRefused_HasNoUnmeteredRequest(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	external.ResetBreakers()
	unreachable, err := openai.New(openai.Config{
		Model: "m", BaseURL: gone.URL, Key: func(context.Context) (string, error) { return "key", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the last finds the breaker open
		if got, err := unreachable.Complete(t.Context(), question); !errors.Is(err, external.ErrUnavailable) || got != (openai.Response{}) {
			t.Errorf("unreachable: got %+v, %v", got, err)
		}
	}
	if !external.Breakers()["openai"] {
		t.Error("the breaker is closed")
	}
	service, client := start(t)
	service.RotateKey("another")
	if got, err := client.Complete(t.Context(), question); !external.IsStatus(err, http.StatusUnauthorized) || got != (openai.Response{}) {
		t.Errorf("a rejected key: got %+v, %v", got, err)
	}
}

func TestComplete_NoChoices_IsInvalidResponse(t *testing.T) {
	for _, answer := range []any{map[string]any{"object": "chat.completion"}, map[string]any{"choices": []any{}}, []any{}, 5, nil} {
		external.ResetBreakers()
		client, err := openai.New(openai.Config{
			Model: "m",
			Key:   func(context.Context) (string, error) { return "key", nil },
			BaseURL: fakes.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				fakes.WriteJSON(w, http.StatusOK, answer)
			})),
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := client.Complete(t.Context(), question); !errors.Is(err, external.ErrInvalidResponse) || got != (openai.Response{Unmetered: 1}) {
			t.Errorf("%v: got %+v, %v", answer, got, err)
		}
	}
}

func TestCall_KeyRejected_FetchesItOnce(t *testing.T) {
	service, client := start(t)
	if _, err := client.Complete(t.Context(), question); err != nil {
		t.Fatal(err)
	}
	service.RotateKey("key2")
	if _, err := client.Complete(t.Context(), question); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
	service.RotateKey("another")
	before := service.Requests()
	if _, err := client.Complete(t.Context(), question); !external.IsStatus(err, http.StatusUnauthorized) {
		t.Errorf("got %v", err)
	}
	if asked := service.Requests() - before; asked != 2 {
		t.Errorf("asked %d times", asked)
	}
}

func TestComplete_ServiceFails_IsRetried(t *testing.T) {
	service, client := start(t)
	service.SetFor(2, fakes.ServerError)
	if _, err := client.Complete(t.Context(), question); err != nil {
		t.Error(err)
	}
}

func TestCall_Faults_AreExternalErrors(t *testing.T) {
	for fault, want := range map[fakes.Fault]error{
		fakes.ServerError: external.ErrUnavailable,
		fakes.Garbage:     external.ErrInvalidResponse,
		fakes.Huge:        external.ErrTooLarge,
		fakes.Redirect:    external.ErrInvalidResponse,
	} {
		service, client := start(t)
		service.Set(fault)
		if _, err := client.Complete(t.Context(), question); !errors.Is(err, want) {
			t.Errorf("%s: got %v", fault, err)
		}
	}
}

func TestComplete_Throttled_DoesNotPrintResponse(t *testing.T) {
	service, client := start(t)
	service.RetryAfter = "60"
	service.Set(fakes.Throttled)
	_, err := client.Complete(t.Context(), question)
	if !external.IsStatus(err, http.StatusTooManyRequests) || strings.Contains(err.Error(), "Rate limit") {
		t.Fatalf("got %v", err)
	}
	var status *external.StatusError
	if errors.As(err, &status); status.RetryAfter != time.Minute || service.Requests() != 1 {
		t.Errorf("wait %s, %d requests", status.RetryAfter, service.Requests())
	}
}

func TestComplete_InvalidRequest_IsNotSent(t *testing.T) {
	service, client := start(t)
	for name, change := range map[string]func(*openai.Request){
		"no messages":     func(r *openai.Request) { r.Messages = nil },
		"no tokens":       func(r *openai.Request) { r.MaxTokens = 0 },
		"an odd role":     func(r *openai.Request) { r.Messages = []openai.Message{{Role: "robot", Text: "x"}} },
		"a broken schema": func(r *openai.Request) { r.Schema = &openai.Schema{Name: "s", JSON: json.RawMessage(`{`)} },
	} {
		request := question
		change(&request)
		if _, err := client.Complete(t.Context(), request); err == nil || service.Requests() != 0 {
			t.Errorf("%s: got %v, %d requests", name, err, service.Requests())
		}
	}
}

func TestFlagged_Verdict_IsTold(t *testing.T) {
	service, client := start(t)
	for text, want := range map[string]bool{"Can I afford it?": false, "something " + fake.FlaggedWord: true} {
		if flagged, err := client.Flagged(t.Context(), text); err != nil || flagged != want {
			t.Errorf("%q: got %t, %v", text, flagged, err)
		}
	}
	service.Set(fakes.Garbage)
	if _, err := client.Flagged(t.Context(), "Can I afford it?"); !errors.Is(err, external.ErrInvalidResponse) {
		t.Errorf("got %v", err)
	}
}

// A refused completion is billed.
func TestComplete_Refused_HasTokens(t *testing.T) {
	service, client := start(t)
	service.Answer(fake.Reply{Refusal: "No."})
	if answer, err := client.Complete(t.Context(), question); !errors.Is(err, openai.ErrRefused) || answer.InputTokens != 19 || answer.Text != "" {
		t.Errorf("got %+v, %v", answer, err)
	}
}

func TestPriceOf_ModelsOfStages_AreKnown(t *testing.T) {
	for _, model := range config.Models() {
		if price, err := openai.PriceOf(model); err != nil || price.Of(1_000_000, 0) <= 0 || price.Of(0, 1) <= price.Of(1, 0) {
			t.Errorf("%s: got %+v, %v", model, price, err)
		}
	}
}
