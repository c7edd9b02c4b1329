package email_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"github.com/expenzez/infrastructure/lambdas/internal/email"
)

const link = "https://api.example.com/notifications/unsubscribe/token"

// https://www.rfc-editor.org/rfc/rfc8058#section-3.1
func TestSendToList_Headers_LetRecipientsUnsubscribeWithOneClick(t *testing.T) {
	headers := map[string]string{}
	sender := email.New(fakeSES(func(_ context.Context, in *sesv2.SendEmailInput) (*sesv2.SendEmailOutput, error) {
		for _, header := range in.Content.Simple.Headers {
			headers[aws.ToString(header.Name)] = aws.ToString(header.Value)
		}
		return &sesv2.SendEmailOutput{MessageId: aws.String("id")}, nil
	}), settings)
	if err := sender.SendToList(t.Context(), recipient, message, link); err != nil {
		t.Fatal(err)
	}
	if len(headers) != 3 || headers["List-Unsubscribe"] != "<"+link+">" || headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || headers["Auto-Submitted"] != "auto-generated" {
		t.Errorf("the headers are %v", headers)
	}
	clear(headers)
	if err := sender.Send(t.Context(), recipient, message); err != nil || len(headers) != 1 {
		t.Errorf("a message of no list has %v, %v", headers, err)
	}
}

func TestSendToList_Failure_IsAttemptedOnceAndSaysWhetherItMayBeSent(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter)
		unknown bool
	}{
		"refused":        {refusal(http.StatusBadRequest, "MessageRejected"), false},
		"throttled":      {refusal(http.StatusTooManyRequests, "TooManyRequestsException"), false},
		"internal error": {refusal(http.StatusInternalServerError, "InternalFailure"), true},
		"garbage":        {func(w http.ResponseWriter) { fmt.Fprint(w, "<html>") }, true},
		"no answer":      {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, true},
	} {
		var attempts atomic.Int32
		client := sesAt(t, func(w http.ResponseWriter, _ *http.Request) {
			attempts.Add(1)
			c.answer(w)
		})
		err := email.New(client, settings).SendToList(t.Context(), recipient, message, link)
		if err == nil || errors.Is(err, email.ErrUnknown) != c.unknown || attempts.Load() != 1 {
			t.Errorf("%s: got %v after %d attempts", name, err, attempts.Load())
		}
	}
}

func TestSendToList_SESNotReached_IsNotSent(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	client := sesAt(t, nil)
	url := server.URL
	server.Close()
	gone := sesv2.New(client.Options(), func(o *sesv2.Options) { o.BaseEndpoint = aws.String(url) })
	if err := email.New(gone, settings).SendToList(t.Context(), recipient, message, link); err == nil || errors.Is(err, email.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func refusal(status int, code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("x-amzn-errortype", code)
		w.WriteHeader(status)
		fmt.Fprint(w, `{"message":"no"}`)
	}
}
