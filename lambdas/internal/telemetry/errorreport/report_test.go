package errorreport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
)

var (
	source = errorreport.Source{Function: "auth-login", Release: "17"}
	about  = errorreport.Failure{Route: "POST /auth/login", RequestID: "req-1", Status: 500, Code: "INTERNAL_ERROR"}
)

// made returns the report of a failure, and its JSON.
func made(t *testing.T, ctx context.Context, failure error, about errorreport.Failure) (function.ErrorReport, string) {
	t.Helper()
	report, err := errorreport.New(ctx, source, failure, about)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	return report, string(text)
}

// panicked returns what the pipeline makes of a panic in a use case.
func panicked(work func()) (failure error) {
	defer func() {
		if value := recover(); value != nil {
			failure = apierror.Internal.Because(telemetry.Recovered(value))
		}
	}()
	work()
	return nil
}

func TestNew_Report_HasFailureAndPlace(t *testing.T) {
	cause := fmt.Errorf("read account: %w", &fs.PathError{Op: "open", Path: "users", Err: fs.ErrNotExist})
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1") //lint:ignore SA1029 aws-lambda-go's own key
	got, _ := made(t, ctx, apierror.Internal.Because(cause), about)
	if len(got.ID) != 32 || time.Since(got.At) > time.Minute {
		t.Errorf("the id is %q, the time %s", got.ID, got.At)
	}
	got.ID, got.At = "", time.Time{}
	want := function.ErrorReport{
		Function: "auth-login", Release: "17", Route: "POST /auth/login", Request: "req-1",
		Trace: "1-5759e988-bd862e3fe1be46a994272793", Status: 500, Code: "INTERNAL_ERROR",
		Kind: []string{"POST /auth/login", "INTERNAL_ERROR", "*fs.PathError", "*errors.errorString"},
		Errors: []function.ReportedError{
			{Type: "*fs.PathError", Text: "read account: open users: file does not exist"},
			{Type: "*errors.errorString", Text: "file does not exist"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

type login struct{ attempts []string }

func (l *login) Login() { _ = l.attempts[3] }

func TestNew_Panic_HasItsStack(t *testing.T) {
	got, text := made(t, t.Context(), panicked(func() { new(login).Login() }), about)
	if len(got.Errors) != 1 || !got.Errors[0].Panicked || len(got.Errors[0].Calls) == 0 {
		t.Fatalf("got %+v", got)
	}
	e := got.Errors[0]
	if e.Type != "panic runtime.boundsError" || e.Text != "panic: runtime error: index out of range [3] with length 0" {
		t.Errorf("got %q of type %q", e.Text, e.Type)
	}
	const here = "github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport_test"
	if first := e.Calls[0]; first.Function != "(*login).Login" || first.Package != here || first.File != "report_test.go" || first.Line == 0 {
		t.Errorf("it begins in %+v", first)
	}
	if folder, _ := os.Getwd(); strings.Contains(text, folder) || strings.Contains(text, `"/`) {
		t.Errorf("a path of this machine: %s", text)
	}
}

func TestNew_OrdinaryError_HasNoStack(t *testing.T) {
	got, _ := made(t, t.Context(), apierror.Internal.Because(errors.New("gone")), about)
	if got.Errors[0].Calls != nil || got.Errors[0].Panicked {
		t.Errorf("got %+v", got.Errors)
	}
}

func TestKind_SameRouteCodeAndTypes_IsEqual(t *testing.T) {
	elsewhere, unavailable := about, about
	elsewhere.Route, elsewhere.RequestID = "GET /profile", "req-2"
	unavailable.Code, unavailable.Status = "UNAVAILABLE", 503
	again := about
	again.RequestID = "req-3"
	aws := func(code, text string) error { return &smithy.GenericAPIError{Code: code, Message: text} }
	path := &fs.PathError{Op: "open", Path: "u-17", Err: errors.New("gone")}

	same := func(failure error, about errorreport.Failure) string {
		got, _ := made(t, t.Context(), apierror.Internal.Because(failure), about)
		return strings.Join(got.Kind, "|")
	}
	const first = "POST /auth/login|INTERNAL_ERROR|*fs.PathError|*errors.errorString"
	for name, tc := range map[string]struct {
		failure error
		about   errorreport.Failure
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

func TestKind_Panics_DependOnFunction(t *testing.T) {
	const module = "github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport_test."
	for want, work := range map[string]func(){
		"panic runtime.boundsError|" + module + "(*login).Login": func() { new(login).Login() },
		"panic string|" + module + "refuse":                      func() { refuse("u-17") },
		"panic string|" + module + "stretch":                     func() { _ = stretch(-1) }, // inside strings
	} {
		got, _ := made(t, t.Context(), panicked(work), about)
		if got := strings.Join(got.Kind, "|"); got != "POST /auth/login|INTERNAL_ERROR|"+want {
			t.Errorf("got %s", got)
		}
	}
}

func stretch(n int) string { return strings.Repeat("x", n) }

func refuse(id string) { panic("no user " + id) }

func TestNew_NoCause_IsReported(t *testing.T) {
	got, _ := made(t, t.Context(), apierror.Unavailable, about)
	if len(got.Errors) != 1 || got.Errors[0].Type != "*apierror.Error" || !strings.HasPrefix(got.Errors[0].Text, "UNAVAILABLE: ") {
		t.Errorf("got %+v", got.Errors)
	}
}

// maxReport is a tenth of what one call of SQS takes, less the attributes.
const maxReport = 24 << 10

func TestNew_LongFailure_IsCut(t *testing.T) {
	for name, tc := range map[string]struct {
		text, ends string
		errors     int
	}{
		"words":       {strings.Repeat("£x£ ", 64<<10), "…", 10},
		"one word":    {"decode: " + strings.Repeat("£", 64<<10), "decode: …", 10},
		"redacted":    {strings.Repeat(canaryJWT+" ", 400), "[REDACTED] …", 10},
		"not words":   {strings.Repeat("£", 64<<10), "…", 10},
		"all escaped": {strings.Repeat("\x01 ", 64<<10), "…", 1},
		"no UTF-8":    {strings.Repeat("\xff ", 64<<10), "…", 10},
	} {
		t.Run(name, func(t *testing.T) {
			many := make([]error, 20)
			for i := range many {
				many[i] = tooFew{tc.text}
			}
			got, text := made(t, t.Context(), errors.Join(many...), about)
			if len(got.Errors) != tc.errors || len(text) > maxReport {
				t.Errorf("%d errors, %d bytes", len(got.Errors), len(text))
			}
			for _, e := range got.Errors {
				if !strings.HasPrefix(e.Text, "too few: ") || !strings.HasSuffix(e.Text, tc.ends) {
					t.Errorf("it ends in %q", e.Text[max(0, len(e.Text)-40):])
				}
			}
		})
	}
}

func TestNew_HugeFieldsAndDeepStack_StayWithinSize(t *testing.T) {
	long := strings.Repeat("\x01", 64<<10)
	about := errorreport.Failure{Route: long, RequestID: long, Status: 500, Code: long}
	_, text := made(t, t.Context(), panicked(func() { fall(100, long) }), about)
	if len(text) > maxReport {
		t.Errorf("%d bytes", len(text))
	}
}

func fall(depth int, text string) {
	if depth == 0 {
		panic(text)
	}
	fall(depth-1, text)
}
