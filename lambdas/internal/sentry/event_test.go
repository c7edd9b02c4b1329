package sentry_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/test/fakes/sentry"
)

// sent sends a report and returns what arrived of it: whole, and decoded.
func sent(t *testing.T, report function.ErrorReport) (sentry.Event, event) {
	t.Helper()
	at, fake := newClient(t)
	if err := at.Send(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	arrived := fake.Events()
	if len(arrived) != 1 {
		t.Fatalf("%d events arrived", len(arrived))
	}
	var decoded event
	if err := json.Unmarshal(arrived[0].Payload, &decoded); err != nil {
		t.Fatal(err)
	}
	return arrived[0], decoded
}

func TestSend_Event_HasFailureAndPlace(t *testing.T) {
	report := report
	report.Unreported = 12
	envelope, got := sent(t, report)
	if envelope.ID != report.ID || got.EventID != report.ID || got.Environment != "test" || got.Release != "17" || got.Level != "error" || got.Platform != "go" || got.Transaction != "POST /auth/login" {
		t.Errorf("got %+v", got)
	}
	tags := map[string]string{
		"function": "auth-login", "route": "POST /auth/login", "requestId": "req-1", "unreported": "12",
		"traceId": "1-5759e988-bd862e3fe1be46a994272793", "status": "500", "code": "INTERNAL_ERROR",
	}
	if !maps.Equal(got.Tags, tags) || !slices.Equal(got.Fingerprint, report.Kind) {
		t.Errorf("the tags are %v, the fingerprint %v", got.Tags, got.Fingerprint)
	}
	var chain []string
	for _, e := range got.Exception {
		chain = append(chain, e.Type+": "+e.Value)
	}
	if want := []string{"*errors.errorString: gone", "*fs.PathError: read account: open users: gone"}; !slices.Equal(chain, want) {
		t.Errorf("the chain is %q", chain)
	}
}

func TestSend_Event_HasNoMachineRequestOrUser(t *testing.T) {
	for name, value := range map[string]string{"SENTRY_TAGS_canary": "canaryvalue", "SENTRY_RELEASE": "canaryvalue", "SENTRY_ENVIRONMENT": "canaryvalue", "AWS_SESSION_TOKEN": "canaryvalue"} {
		t.Setenv(name, value)
	}
	report := report
	report.Trace = ""
	arrived, _ := sent(t, report)
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

func TestSend_Panic_HasItsStackInnermostLast(t *testing.T) {
	const ours = "github.com/expenzez/infrastructure/lambdas/auth"
	report := report
	report.Errors = []function.ReportedError{{Type: "panic string", Text: "panic: no", Panicked: true, Calls: []function.ReportedCall{
		{Package: "strings", Function: "Repeat", File: "strings.go", Line: 620},
		{Package: ours, Function: "(*login).Login", File: "login.go", Line: 12},
	}}}
	_, got := sent(t, report)
	e := got.Exception[0]
	if got.Level != "fatal" || e.Mechanism == nil || e.Mechanism.Handled == nil || *e.Mechanism.Handled || e.Stacktrace == nil {
		t.Fatalf("it is %s, and %+v", got.Level, e)
	}
	want := []frame{
		{Function: "(*login).Login", Module: ours, Filename: ours + "/login.go", Lineno: 12, InApp: true},
		{Function: "Repeat", Module: "strings", Filename: "strings/strings.go", Lineno: 620},
	}
	if !slices.Equal(e.Stacktrace.Frames, want) {
		t.Errorf("the frames are %+v", e.Stacktrace.Frames)
	}
}

// A function of an older release may redact less than the reporter.
func TestSend_PersonalData_IsRedactedAgain(t *testing.T) {
	report := report
	report.Errors = []function.ReportedError{{Type: "*T", Text: "send to canary@example.com: Bearer canary-token"}}
	report.Kind = []string{"canary@example.com"}
	arrived, _ := sent(t, report)
	if strings.Contains(arrived.Raw, "canary@") || strings.Contains(arrived.Raw, "canary-token") {
		t.Errorf("arrived: %s", arrived.Raw)
	}
}
