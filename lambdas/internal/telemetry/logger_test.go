package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/redact"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// line logs through write and returns the line, raw and decoded.
func line(t *testing.T, write func(*slog.Logger)) (string, map[string]any) {
	t.Helper()
	var out bytes.Buffer
	write(telemetry.NewLogger(&out, "INFO"))
	var decoded map[string]any
	if err := json.Unmarshal(out.Bytes(), &decoded); err != nil {
		t.Fatalf("%q is not one line of JSON: %v", out.String(), err)
	}
	return out.String(), decoded
}

func TestLogger_Line_HasLambdaKeys(t *testing.T) {
	_, got := line(t, func(l *slog.Logger) { l.With("function", "auth-login").Warn("slow", "status", 200) })
	if got["level"] != "WARN" || got["message"] != "slow" || got["function"] != "auth-login" || got["status"] != 200.0 || got["timestamp"] == nil {
		t.Errorf("got %v", got)
	}
}

func TestLogger_LevelIsThreshold(t *testing.T) {
	for level, want := range map[string]int{"DEBUG": 3, "INFO": 2, "ERROR": 1, "": 2, "loud": 2} {
		var out bytes.Buffer
		l := telemetry.NewLogger(&out, level)
		l.Debug("x")
		l.Info("x")
		l.Error("x")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("level %q: %d lines, want %d", level, got, want)
		}
	}
}

func TestLogger_RequestLines_HaveRequestID(t *testing.T) {
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Self=1-2-3;Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1") //lint:ignore SA1029 aws-lambda-go's own key
	_, got := line(t, func(l *slog.Logger) {
		ctx, _ := telemetry.WithRequest(ctx, l, telemetry.Request{ID: "r1", Route: "GET /profile"})
		telemetry.FromContext(ctx).Info("x")
	})
	if got["requestId"] != "r1" || got["route"] != "GET /profile" || got["traceId"] != "1-5759e988-bd862e3fe1be46a994272793" {
		t.Errorf("got %v", got)
	}
	_, got = line(t, func(l *slog.Logger) {
		_, l = telemetry.WithRequest(t.Context(), l, telemetry.Request{ID: "r1"})
		l.Info("x")
	})
	if _, has := got["traceId"]; has {
		t.Errorf("an untraced request has a traceId: %v", got)
	}
}

func TestFromContext_NoRequest_ReturnsSilentLogger(t *testing.T) {
	if telemetry.FromContext(t.Context()).Enabled(t.Context(), slog.LevelError) {
		t.Error("it would log")
	}
}

// The canaries: invented values of every kind that must not be in a log.
const (
	canaryJWT   = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl-Y2FuYXJ5"
	canaryJWE   = "eyJlbmMiOiJBMjU2R0NNIn0.a2V5Y2FuYXJ5.aXY.Y2lwaGVy.dGFn"
	canaryEmail = "canary.bird+tag@mail.example.co.uk"
	canaryPhone = "+447700900123"
	canaryKey   = "sk-proj-canary0123456789abcdef"
	canaryPlain = "canary-horse-battery-9"
)

func leaked(text string) (found []string) {
	for _, canary := range []string{canaryJWT, canaryJWE, canaryEmail, "canary.bird", canaryPhone, "7700900123", "900123", canaryKey, canaryPlain, "Y2FuYXJ5", "dGFn"} {
		if strings.Contains(text, canary) {
			found = append(found, canary)
		}
	}
	return found
}

type profile struct {
	Email   string            `json:"email"`
	Note    string            `json:"note"`
	Amount  json.Number       `json:"amount"`
	Headers map[string]string `json:"headers"`
	Past    []string          `json:"past"`
}

type late struct{ text string }

func (l late) LogValue() slog.Value { return slog.GroupValue(slog.String("note", l.text)) }

func TestLogger_Canaries_AreRedacted(t *testing.T) {
	all := strings.Join([]string{canaryJWT, canaryJWE, canaryEmail, canaryPhone, canaryKey}, " ")
	for name, write := range map[string]func(*slog.Logger){
		"the message": func(l *slog.Logger) { l.Info("sent to " + all) },
		"a string":    func(l *slog.Logger) { l.Info("x", "note", all) },
		"an error":    func(l *slog.Logger) { l.Info("x", "error", fmt.Errorf("outer: %w", errors.New(all))) },
		"bytes":       func(l *slog.Logger) { l.Info("x", "body", []byte(all)) },
		"a group": func(l *slog.Logger) {
			l.Info("x", slog.Group("a", slog.Group("b", "note", all, "password", canaryPlain)))
		},
		"a group of the logger":    func(l *slog.Logger) { l.WithGroup("a").With("note", all, "token", canaryPlain).Info("x") },
		"a group with a bad name":  func(l *slog.Logger) { l.Info("x", slog.Group("credentials", "value", canaryPlain)) },
		"a logger in such a group": func(l *slog.Logger) { l.WithGroup("cookies").Info("x", "value", canaryPlain) },
		"a logger's attribute":     func(l *slog.Logger) { l.With("error", errors.New(all)).Info("x") },
		"a LogValuer":              func(l *slog.Logger) { l.Info("x", "who", late{all}) },
		"a struct": func(l *slog.Logger) {
			l.Info("x", "profile", &profile{Email: canaryPlain, Note: all, Amount: "1", Past: []string{all}})
		},
		"a map in a struct": func(l *slog.Logger) {
			l.Info("x", "p", profile{Amount: "1", Headers: map[string]string{"Authorization": canaryPlain}})
		},
		"what is no JSON":   func(l *slog.Logger) { l.Info("x", "f", map[string]any{"a": all, "b": func() {}}) },
		"a number":          func(l *slog.Logger) { l.Info("x", "phone", 447700900123) },
		"a bearer token":    func(l *slog.Logger) { l.Info("x", "header", "Authorization: bearer "+canaryPlain) },
		"basic credentials": func(l *slog.Logger) { l.Info("Basic " + canaryPlain) },
		"JSON in an error": func(l *slog.Logger) {
			l.Info("x", "error", fmt.Errorf(`got {"new_password": "%s\\n", "a": 1}`, canaryPlain))
		},
		"JSON escaped in an error": func(l *slog.Logger) { l.Info("x", "error", fmt.Errorf("got %q", `{"refreshToken":"`+canaryPlain+`"}`)) },
		"a query": func(l *slog.Logger) {
			l.Info("GET /a?client_secret=" + canaryPlain + "&email=canary.bird%40example.com&p=%2B447700900123")
		},
		"a grouped number": func(l *slog.Logger) { l.Info("call +44 (7700) 900123 or +44-7700-900123") },
	} {
		t.Run(name, func(t *testing.T) {
			text, _ := line(t, write)
			if found := leaked(text); found != nil {
				t.Errorf("%q is in %s", found, text)
			}
			if !strings.Contains(text, redact.Marker) {
				t.Errorf("nothing says that something was redacted: %s", text)
			}
		})
	}
}

func TestLogger_SensitiveNames_AreRedacted(t *testing.T) {
	for key, hidden := range map[string]bool{
		"password": true, "new_password": true, "Authorization": true, "accessToken": true, "id-token": true, "apiKey": true,
		"email": true, "userEmail": true, "phone_number": true, "birthdate": true, "address": true, "given_name": true,
		"username": true, "sourceIp": true, "IBAN": true, "Set-Cookie": true, strings.Repeat("long.", 20) + "secret": true,
		"requestId": false, "traceId": false, "function": false, "route": false, "status": false, "code": false, "error": false,
		"durationMs": false, "tableName": false, "step": false, "userId": false, "shipping": false, "company": false,
	} {
		_, got := line(t, func(l *slog.Logger) { l.Info("x", key, "value") })
		if (got[key] == redact.Marker) != hidden {
			t.Errorf("%s: got %v, hidden should be %t", key, got[key], hidden)
		}
	}
}

func TestLogger_HarmlessValues_AreKept(t *testing.T) {
	kept := []string{
		"GET /auth/confirm-signup", "the token is revoked", "validate token: signature is invalid", "password: too short",
		"github.com/aws/aws-lambda-go@v1.55.1/lambda/entry.go:76 +0x1d4", "2026-01-02T03:04:05.678+01:00", "a+b=c", "1 + 2",
		"arn:aws:dynamodb:eu-west-2:123456789012:table/expenzez-prod-users", "bearer of news", "https://example.com/x?limit=20",
	}
	for _, text := range kept {
		if got := telemetry.RedactText(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	_, got := line(t, func(l *slog.Logger) {
		l.Info("x", "emailVerified", true, "promptTokens", 812, "usage", map[string]any{"total_tokens": 900, "tokenValid": true, "token": nil, "amount": json.Number("0.10")})
	})
	usage := got["usage"].(map[string]any)
	if got["emailVerified"] != true || got["promptTokens"] != 812.0 || usage["total_tokens"] != 900.0 || usage["tokenValid"] != true || usage["amount"] != 0.1 {
		t.Errorf("got %v", got)
	}
}

// slog itself allocates once when it may rename its own keys.
func TestLogger_NothingToRedact_AllocatesNothing(t *testing.T) {
	var out bytes.Buffer
	redacting := telemetry.NewLogger(&out, "INFO")
	plain := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return a }}))
	// The fewest of many lines: slog's buffers are pooled, and a pool may be emptied at any time (under the race
	// detector it is, at random).
	measure := func(l *slog.Logger) float64 {
		fewest := math.Inf(1)
		for range 100 {
			fewest = min(fewest, testing.AllocsPerRun(1, func() {
				out.Reset()
				l.LogAttrs(t.Context(), slog.LevelInfo, "request", slog.String("route", "GET /profile"), slog.Int("status", 200))
			}))
		}
		return fewest
	}
	if got, want := measure(redacting), measure(plain); got > want {
		t.Errorf("%v allocations, plain slog has %v", got, want)
	}
}

func FuzzRedactText_Token_IsRedacted(f *testing.F) {
	f.Add("error: ", " at line 3")
	f.Add(`{"a":"`, `"}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(telemetry.RedactText(before+" "+canaryJWT+" "+after), canaryJWT) {
			t.Errorf("between %q and %q the token stays", before, after)
		}
	})
}
