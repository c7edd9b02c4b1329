package lambdas_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

// till counts what it is paid.
type till struct{ payments atomic.Int64 }

type payment struct {
	Amount int `json:"amount" validate:"gt=0"`
}

func (t *till) Pay(_ context.Context, _ function.Caller, _ payment) (map[string]int64, error) {
	return map[string]int64{"number": t.payments.Add(1)}, nil
}

func TestIdempotentRoute_RepeatedRequest_RunsOnce(t *testing.T) {
	config, variables := newEngine(t)
	service := &till{}
	declared := function.Define(function.Spec[*till]{
		Name: "till", Purpose: "Takes money.",
		New:    func(*function.Resources) (*till, error) { return service, nil },
		Routes: []function.RouteOf[*till]{function.SignedIn("POST /payments/{id}", (*till).Pay, function.Idempotent())},
	})
	if err := declared.Validate(); err != nil {
		t.Fatal(err)
	}
	resources := function.NewResources(config, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
	handler, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(io.Discard, "till", "INFO", nil))
	if err != nil {
		t.Fatal(err)
	}
	pay := func(user, path, key, body string) string {
		event := events.APIGatewayV2HTTPRequest{RouteKey: "POST /payments/{id}", RawPath: path, Body: body, Headers: map[string]string{"idempotency-key": key}}
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
				"token_use": "access", "sub": user, "jti": "t1", "origin_jti": "s1", "iat": "1700000000",
			}},
		}
		response, err := handler.Handle(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		return response.Body
	}

	var all sync.WaitGroup
	answers := make([]string, 4)
	for i := range answers {
		all.Go(func() { answers[i] = pay("user-1", "/payments/1", "", `{"amount":5}`) })
	}
	all.Wait()
	for _, answer := range answers {
		if answer != `{"number":1}` {
			t.Errorf("a repetition is answered %s", answer)
		}
	}
	for name, other := range map[string]string{
		"another user": pay("user-2", "/payments/1", "", `{"amount":5}`),
		"another path": pay("user-1", "/payments/2", "", `{"amount":5}`),
		"another body": pay("user-1", "/payments/1", "", `{"amount":6}`),
		"a key":        pay("user-1", "/payments/1", "k1", `{"amount":5}`),
	} {
		if other == `{"number":1}` {
			t.Errorf("%s got the first one's answer", name)
		}
	}
	if refused := pay("user-1", "/payments/1", "k1", `{"amount":7}`); !strings.Contains(refused, "IDEMPOTENCY_KEY_REUSED") {
		t.Errorf("another body under the same key is answered %s", refused)
	}
	if got := service.payments.Load(); got != 5 {
		t.Errorf("%d payments, not 5", got)
	}
}
