package lambdaruntime

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
)

// open is a guard without limits.
type open struct{}

func (open) Check(context.Context, string, guard.LimitKey) error { return nil }

func (open) Used(string) map[string]float64 { return nil }

func (open) Admit(context.Context, guard.LimitKey) error { return nil }

// goal is a request as most of the contract's are.
type goal struct {
	ID            string  `path:"id" json:"-" validate:"required,max=64"`
	Title         string  `json:"title" validate:"required,max=200,plaintext"`
	TargetAmount  float64 `json:"targetAmount" validate:"gt=0"`
	CurrentAmount float64 `json:"currentAmount" validate:"gte=0"`
	TargetDate    string  `json:"targetDate" validate:"required,max=40"`
	Category      string  `json:"category" validate:"omitempty,max=100,plaintext"`
}

// row and statement have the shape and the rules of the contract's largest body,
// the rows of a bank statement (POST /transactions/import-csv).
type row struct {
	ID          string  `json:"id" validate:"required,max=64,plaintext"`
	Date        string  `json:"date" validate:"required,max=40"`
	Description string  `json:"description" validate:"required,max=500,plaintext"`
	Amount      float64 `json:"amount"`
	Type        string  `json:"type" validate:"required,oneof=debit credit"`
	Category    string  `json:"category" validate:"omitempty,max=100,plaintext"`
}

type statement struct {
	Transactions []row  `json:"transactions" validate:"required,max=10000,dive"`
	Bank         string `json:"bank" validate:"omitempty,max=100,plaintext"`
}

type noop struct{}

func (noop) Save(_ context.Context, _ function.Caller, in goal) (goal, error) { return in, nil }
func (noop) Import(_ context.Context, _ function.Caller, in statement) (map[string]int, error) {
	return map[string]int{"imported": len(in.Transactions)}, nil
}

func (noop) Define(_ context.Context, in events.CognitoEventUserPoolsDefineAuthChallenge) (events.CognitoEventUserPoolsDefineAuthChallenge, error) {
	return in, nil
}

// benchmarked returns a handler that logs as in production and calls no service,
// and the payload of a request as Lambda hands it over.
func benchmarked(b *testing.B, key, path, body string) (*Handler, []byte) {
	b.Helper()
	declared := function.Define(function.Spec[noop]{
		Name: "bench", Purpose: "Is measured.",
		New: func(*function.Resources) (noop, error) { return noop{}, nil },
		Routes: []function.RouteOf[noop]{
			function.SignedIn("PUT /goals/{id}", noop.Save),
			function.SignedIn("POST /transactions/import-csv", noop.Import, function.BodyLimit(6<<20)),
		},
	})
	resources := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) { return name, !strings.HasSuffix(name, "_SECRET_ARN") })
	h, err := NewHandler(declared, resources, NewTelemetry(io.Discard, "bench", "INFO", nil))
	if err != nil {
		b.Fatal(err)
	}
	h.guard = open{}
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: key, RawPath: path, Body: body, PathParameters: map[string]string{"id": "g-1"},
		Headers: map[string]string{
			"accept": "application/json", "accept-encoding": "gzip", "authorization": "Bearer " + strings.Repeat("x", 900),
			"content-type": "application/json", "user-agent": "Expenzez/1.8.1", "x-forwarded-for": "192.0.2.1",
		},
	}
	event.RequestContext.RequestID = "req-1"
	event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
		JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{
			"token_use": "access", "sub": "user-1", "jti": "t1", "origin_jti": "s1", "iat": "1700000000", "username": "ada",
		}},
	}
	payload, err := json.Marshal(event)
	if err != nil {
		b.Fatal(err)
	}
	return h, payload
}

func serve(b *testing.B, h *Handler, payload []byte) {
	b.ReportAllocs()
	for b.Loop() {
		answer, err := h.Invoke(b.Context(), payload)
		if err != nil || !strings.Contains(string(answer[:40]), "200") {
			b.Fatalf("%v: %s", err, answer)
		}
	}
}

const goalBody = `{"title":"A house","targetAmount":50000,"currentAmount":1200.5,"targetDate":"2030-01-01T00:00:00Z","category":"Home"}`

// BenchmarkPipeline is a whole invocation but for the calls of AWS: from Lambda's
// bytes to Lambda's bytes, with the log line and the metrics.
func BenchmarkPipeline(b *testing.B) {
	h, payload := benchmarked(b, "PUT /goals/{id}", "/goals/g-1", goalBody)
	serve(b, h, payload)
}

// BenchmarkEvent is the part of it that any Go function pays: to read the event
// and to write the answer.
func BenchmarkEvent(b *testing.B) {
	_, payload := benchmarked(b, "PUT /goals/{id}", "/goals/g-1", goalBody)
	b.ReportAllocs()
	for b.Loop() {
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(payload, &event); err != nil {
			b.Fatal(err)
		}
		if _, err := json.Marshal(events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: event.Body, Headers: map[string]string{"Content-Type": "application/json"}}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLargestBody decodes and validates 10,000 rows of a statement.
func BenchmarkLargestBody(b *testing.B) {
	rows := make([]row, 10000)
	for i := range rows {
		rows[i] = row{ID: fmt.Sprintf("csv-%d-k3j9x1", i), Date: "2026-01-02T00:00:00Z", Description: "CARD PAYMENT TO A COFFEE SHOP, LONDON GB", Amount: -3.5, Type: "debit", Category: "food"}
	}
	body, err := json.Marshal(statement{Transactions: rows, Bank: "Monzo"})
	if err != nil {
		b.Fatal(err)
	}
	h, _ := benchmarked(b, "", "", "")
	event := &events.APIGatewayV2HTTPRequest{RawPath: "/transactions/import-csv", Body: string(body)}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.readRequest(event, h.routes["POST /transactions/import-csv"]); err != nil {
			b.Fatal(err)
		}
	}
}
