package securityevents

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// The rows of docs/security.md.
func TestRisk_EachKind_HasItsRow(t *testing.T) {
	rows := 0
	for _, row := range []struct {
		kind   Kind
		risk   int
		action Action
	}{
		{SignedIn, 0, ActionNone}, {SignInFailed, 10, ActionRefused}, {SignInLocked, 40, ActionLocked}, {CodeWrong, 15, ActionRefused}, {CodeLocked, 40, ActionLocked},
		{Registered, 0, ActionNone}, {PasswordReset, 30, ActionSessionEnded}, {PasswordChanged, 10, ActionNone}, {PINSet, 5, ActionEmailSent}, {PINWrong, 10, ActionRefused},
		{PINLocked, 40, ActionLocked}, {PINRemoved, 10, ActionEmailSent}, {AppLockOn, 0, ActionNone}, {AppLockOff, 10, ActionNone}, {DataErased, 10, ActionNone},
		{DeviceRegistered, 0, ActionNone}, {DeviceRevoked, 0, ActionSessionEnded}, {DeviceTrusted, 5, ActionNone}, {EndedSessionUsed, 70, ActionRefused}, {SuspiciousActivity, 70, ActionNone},
		{AccountLinked, 20, ActionEmailSent}, {AccountRecovered, 30, ActionSessionEnded}, {IdentityUnlinked, 0, ActionSessionEnded}, {AccountDeleted, 10, ActionSessionEnded},
		{AccountExpired, 0, ActionNone}, {AccountDisclosed, 5, ActionNone},
	} {
		if event := (Event{Kind: row.kind}); event.risk() != row.risk || event.action() != row.action {
			t.Errorf("%s: risk %d, %s", row.kind, event.risk(), event.action())
		}
		rows++
	}
	if rows != len(rules) {
		t.Errorf("%d of %d kinds have a row here", rows, len(rules))
	}
}

func TestRules_EveryKind_HasOne(t *testing.T) {
	kinds := declaredKinds(t)
	for _, kind := range kinds {
		if rule, has := rules[kind]; !has || rule.action == "" || rule.risk < 0 || rule.risk > maxRisk {
			t.Errorf("%s: the rule is %+v", kind, rule)
		}
	}
	for kind := range rules {
		if !slices.Contains(kinds, kind) {
			t.Errorf("%s is no kind", kind)
		}
	}
}

func TestRisk_SignIn_AddsItsSignals(t *testing.T) {
	for _, row := range []struct {
		name       string
		signals    Signals
		risk       int
		suspicious bool
	}{
		{"ordinary", Signals{}, 0, false},
		{"another network", Signals{NewNetwork: true}, 20, false},
		{"a country that the edge did not know", Signals{NewCountry: true}, 30, false},
		{"a forgotten password", Signals{GuessesFailed: true}, 20, false},
		{"a VPN at home", Signals{ElsewhereWithinHour: true}, 40, false},
		{"a traveller", Signals{NewNetwork: true, NewCountry: true}, 50, false},
		{"a traveller who forgot the password", Signals{NewNetwork: true, NewCountry: true, GuessesFailed: true}, 70, true},
		{"a stolen password", Signals{NewNetwork: true, NewCountry: true, ElsewhereWithinHour: true}, 90, true},
		{"a guessed password", Signals{NewNetwork: true, NewCountry: true, ElsewhereWithinHour: true, GuessesFailed: true}, 100, true},
	} {
		event := Event{Kind: SignedIn, UserID: "user-1", Signals: row.signals, Action: ActionEmailSent}
		if suspicious, is := event.suspicion(); event.risk() != row.risk || is != row.suspicious || is && (suspicious.Kind != SuspiciousActivity || suspicious.Action != ActionEmailSent) {
			t.Errorf("%s: risk %d, suspicious %v %+v", row.name, event.risk(), is, suspicious)
		}
	}
}

func TestRecord_HighRisk_IsCountedAndWrittenAsSuspiciousToo(t *testing.T) {
	for _, row := range []struct {
		event Event
		want  []string
	}{
		{Event{Kind: SignedIn, UserID: "user-1", Signals: Signals{NewNetwork: true, NewCountry: true}}, []string{"signed-in 50 none"}},
		{Event{Kind: SignedIn, UserID: "user-1", Signals: Signals{NewNetwork: true, NewCountry: true, GuessesFailed: true}, Action: ActionEmailSent}, []string{"signed-in 70 email-sent", "suspicious-activity 70 email-sent"}},
		{Event{Kind: EndedSessionUsed, UserID: "user-1"}, []string{"ended-session-used 70 refused", "suspicious-activity 70 refused"}},
	} {
		w, out := newWorld(t), bytes.Buffer{}
		metrics := telemetry.NewMetrics(&out, "test", "WARN", time.Now)
		if err := w.recorder.Record(telemetry.WithMetrics(w.context(t, request), metrics), row.event); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range w.of(t, "user-1") {
			got = append(got, fmt.Sprint(item.Type, " ", item.RiskScore, " ", item.Action))
		}
		slices.Sort(got)
		if !slices.Equal(got, row.want) {
			t.Errorf("stored are %v, not %v", got, row.want)
		}
		if err := metrics.Flush(telemetry.Request{}); err != nil {
			t.Fatal(err)
		}
		if counted := bytes.Contains(out.Bytes(), []byte(`"suspicious-activity":1`)); counted != (len(row.want) > 1) {
			t.Errorf("counted %v: %s", counted, &out)
		}
	}
}
