package main

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

func TestAuthorize_OnlyTheEdgesHeader_Passes(t *testing.T) {
	handler := authorize(origincheck.New(func(context.Context) ([]string, error) { return []string{"right", "previous"}, nil }))
	for header, want := range map[string]bool{"right": true, "previous": true, "wrong": false, "": false} {
		got, err := handler(t.Context(), events.APIGatewayV2CustomAuthorizerV2Request{Headers: map[string]string{origincheck.Header: header}})
		if err != nil || got.IsAuthorized != want {
			t.Errorf("%q: got %v, %v", header, got.IsAuthorized, err)
		}
	}
	if got, err := handler(t.Context(), events.APIGatewayV2CustomAuthorizerV2Request{}); err != nil || got.IsAuthorized {
		t.Errorf("no headers: got %v, %v", got.IsAuthorized, err)
	}
}

func TestAuthorize_SecretThatCannotBeRead_IsAnErrorAndNoAnswer(t *testing.T) {
	down := errors.New("Secrets Manager is down")
	handler := authorize(origincheck.New(func(context.Context) ([]string, error) { return nil, down }))
	got, err := handler(t.Context(), events.APIGatewayV2CustomAuthorizerV2Request{Headers: map[string]string{origincheck.Header: "right"}})
	if !errors.Is(err, down) || got.IsAuthorized {
		t.Errorf("got %v, %v", got.IsAuthorized, err)
	}
}
