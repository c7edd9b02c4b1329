package errortracking_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
)

func TestReport_Event_HasFailureAndPlace(t *testing.T) {
	cause := fmt.Errorf("read account: %w", &fs.PathError{Op: "open", Path: "users", Err: fs.ErrNotExist})
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1") //lint:ignore SA1029 aws-lambda-go's own key
	envelope, got := reported(t, ctx, apierror.Internal.Because(cause), about)

	if got.EventID != envelope.ID || got.Environment != "test" || got.Release != "1.2.3" || got.Level != "error" || got.Platform != "go" || got.Transaction != "POST /auth/login" {
		t.Errorf("got %+v", got)
	}
	tags := map[string]string{
		"function": "auth-login", "route": "POST /auth/login", "requestId": "req-1",
		"traceId": "1-5759e988-bd862e3fe1be46a994272793", "status": "500", "code": "INTERNAL_ERROR",
	}
	if !maps.Equal(got.Tags, tags) {
		t.Errorf("the tags are %v", got.Tags)
	}
	var chain []string
	for _, e := range got.Exception {
		chain = append(chain, e.Type+": "+e.Value)
	}
	want := []string{"*errors.errorString: file does not exist", "*fs.PathError: read account: open users: file does not exist"}
	if !slices.Equal(chain, want) {
		t.Errorf("the chain is %q", chain)
	}
}

func TestReport_Event_HasNoMachineRequestOrUser(t *testing.T) {
	for name, value := range map[string]string{"SENTRY_TAGS_canary": "canaryvalue", "SENTRY_RELEASE": "canaryvalue", "SENTRY_ENVIRONMENT": "canaryvalue", "AWS_SESSION_TOKEN": "canaryvalue"} {
		t.Setenv(name, value)
	}
	arrived, _ := reported(t, t.Context(), errNoItem, about)
	var event map[string]json.RawMessage
	if err := json.Unmarshal(arrived.Payload, &event); err != nil {
		t.Fatal(err)
	}
	if user := string(event["user"]); user != "{}" { // how the library says that there is none
		t.Errorf("the user is %s", user)
	}
	fields := slices.Sorted(maps.Keys(event))
	want := []string{"environment", "event_id", "exception", "fingerprint", "level", "platform", "release", "sdk", "tags", "timestamp", "transaction", "user"}
	if !slices.Equal(fields, want) {
		t.Errorf("the fields are %q", fields)
	}
	host, _ := os.Hostname()
	for _, canary := range []string{"canary", host, "traceId"} {
		if strings.Contains(strings.ReplaceAll(arrived.Raw, publicKey, ""), canary) {
			t.Errorf("%q is in %s", canary, arrived.Raw)
		}
	}
}

type login struct{ attempts []string }

func (l *login) Login() { _ = l.attempts[3] }

func TestReport_Panic_HasItsStack(t *testing.T) {
	_, got := reported(t, t.Context(), panicked(func() { new(login).Login() }), about)
	if len(got.Exception) != 1 || got.Exception[0].Stacktrace == nil || got.Exception[0].Mechanism == nil {
		t.Fatalf("got %+v", got)
	}
	e := got.Exception[0]
	if e.Type != "panic runtime.boundsError" || e.Value != "panic: runtime error: index out of range [3] with length 0" {
		t.Errorf("got %q of type %q", e.Value, e.Type)
	}
	if got.Level != "fatal" || e.Mechanism.Handled == nil || *e.Mechanism.Handled {
		t.Errorf("it is %s, and counts as handled", got.Level)
	}
	last := e.Stacktrace.Frames[len(e.Stacktrace.Frames)-1]
	const here = "github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
	if last.Function != "(*login).Login" || last.Module != here+"_test" || last.Lineno == 0 || !last.InApp {
		t.Errorf("it ends in %+v", last)
	}
	if !strings.HasPrefix(last.Filename, here) || !strings.HasSuffix(last.Filename, "/event_test.go") { // built with -trimpath or without
		t.Errorf("the file is %s", last.Filename)
	}
	for _, frame := range e.Stacktrace.Frames {
		if frame.AbsPath != "" || strings.HasPrefix(frame.Filename, "/") {
			t.Errorf("a path of this machine: %+v", frame)
		}
	}
}

func TestReport_Frames_MarkBackendCode(t *testing.T) {
	_, got := reported(t, t.Context(), panicked(func() { _ = strings.Repeat("x", -len(os.Args)) }), about)
	frames := got.Exception[0].Stacktrace.Frames
	last, before := frames[len(frames)-1], frames[len(frames)-2]
	if last.Module != "strings" || last.InApp || !before.InApp {
		t.Errorf("the stack ends in %+v, %+v", before, last)
	}
}

func TestReport_OrdinaryError_HasNoStack(t *testing.T) {
	_, got := reported(t, t.Context(), apierror.Internal.Because(errNoItem), about)
	if stack := got.Exception[0].Stacktrace; stack != nil {
		t.Errorf("the stack of the reporting function: %+v", stack)
	}
}

func TestFingerprint_SameRouteCodeAndTypes_IsEqual(t *testing.T) {
	elsewhere, unavailable := about, about
	elsewhere.Route, elsewhere.RequestID = "GET /profile", "req-2"
	unavailable.Code, unavailable.Status = "UNAVAILABLE", 503
	again := about
	again.RequestID = "req-3"
	aws := func(code, text string) error { return &smithy.GenericAPIError{Code: code, Message: text} }
	path := &fs.PathError{Op: "open", Path: "u-17", Err: errors.New("gone")}

	same := func(failure error, about errortracking.Event) string {
		_, got := reported(t, t.Context(), apierror.Internal.Because(failure), about)
		return strings.Join(got.Fingerprint, "|")
	}
	const first = "POST /auth/login|INTERNAL_ERROR|*fs.PathError|*errors.errorString"
	for name, tc := range map[string]struct {
		failure error
		about   errortracking.Event
		want    string
	}{
		"a failure":                 {path, about, first},
		"another id in the text":    {&fs.PathError{Op: "open", Path: "u-18", Err: errors.New("gone 5")}, about, first},
		"another request":           {path, again, first},
		"more words":                {fmt.Errorf("load: %w", errors.Join(fmt.Errorf("read u-17: %w", path))), about, first},
		"another route":             {path, elsewhere, "GET /profile|INTERNAL_ERROR|*fs.PathError|*errors.errorString"},
		"another code":              {path, unavailable, "POST /auth/login|UNAVAILABLE|*fs.PathError|*errors.errorString"},
		"another type":              {path.Err, about, "POST /auth/login|INTERNAL_ERROR|*errors.errorString"},
		"a refusal of AWS":          {aws("AccessDenied", "u-17"), about, "POST /auth/login|INTERNAL_ERROR|*smithy.GenericAPIError AccessDenied"},
		"another of the same type":  {aws("Throttling", "u-17"), about, "POST /auth/login|INTERNAL_ERROR|*smithy.GenericAPIError Throttling"},
		"words around nothing":      {fmt.Errorf("load: %w", error(nil)), about, "POST /auth/login|INTERNAL_ERROR|*fmt.wrapError"},
		"two errors of one failure": {errors.Join(path, aws("Throttling", "u-17")), about, first + "|*smithy.GenericAPIError Throttling"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := same(tc.failure, tc.about); got != tc.want {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestFingerprint_Panics_DependOnFunction(t *testing.T) {
	const module = "github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking_test."
	for want, work := range map[string]func(){
		"panic runtime.boundsError|" + module + "(*login).Login": func() { new(login).Login() },
		"panic string|" + module + "refuse":                      func() { refuse("u-17") },
		"panic string|" + module + "stretch":                     func() { _ = stretch(-1) }, // inside strings
	} {
		_, got := reported(t, t.Context(), panicked(work), about)
		if got := strings.Join(got.Fingerprint, "|"); got != "POST /auth/login|INTERNAL_ERROR|"+want {
			t.Errorf("got %s", got)
		}
	}
}

func stretch(n int) string { return strings.Repeat("x", n) }

func refuse(id string) { panic("no user " + id) }

func TestReport_NoCause_IsReported(t *testing.T) {
	_, got := reported(t, t.Context(), apierror.Unavailable, about)
	if len(got.Exception) != 1 || got.Exception[0].Type != "*apierror.Error" || !strings.HasPrefix(got.Exception[0].Value, "UNAVAILABLE: ") {
		t.Errorf("got %+v", got.Exception)
	}
}

func TestReport_LongFailure_IsCut(t *testing.T) {
	for name, tc := range map[string]struct{ text, ends string }{
		"words":     {strings.Repeat("£x£ ", 64<<10), "£x£ …"}, // the cut is inside a pound
		"one word":  {"decode: " + strings.Repeat("£", 64<<10), "decode: …"},
		"redacted":  {strings.Repeat(canaryJWT+" ", 400), "[REDACTED] …"},
		"not words": {strings.Repeat("£", 64<<10), "…"},
	} {
		t.Run(name, func(t *testing.T) {
			many := make([]error, 20)
			for i := range many {
				many[i] = tooFew{tc.text}
			}
			arrived, got := reported(t, t.Context(), errors.Join(many...), about)
			if len(got.Exception) != 10 || len(arrived.Payload) > 64<<10 {
				t.Errorf("%d errors, %d bytes", len(got.Exception), len(arrived.Payload))
			}
			for _, e := range got.Exception {
				if !strings.HasPrefix(e.Value, "too few: ") || !strings.HasSuffix(e.Value, tc.ends) {
					t.Errorf("it ends in %q", e.Value[max(0, len(e.Value)-40):])
				}
			}
		})
	}
}
