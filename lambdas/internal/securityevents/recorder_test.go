package securityevents

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// A request, and what of it and of its user must not be stored or logged.
var (
	request = function.Request{ID: "req-1", SourceIP: "192.0.2.77", Country: "GB", UserAgent: "Expenzez/81 CFNetwork/1494.0.7 Darwin/23.4.0"}
	canary  = []string{"192.0.2.77", "CFNetwork", "Darwin", "ios__1718000000000_k3j9x1", "ada.lovelace@example.com", "ada.lovelace"}
)

// world is a recorder over a table of its own, a clock that tests move, and its
// log.
type world struct {
	recorder *Recorder
	kms      *awsfake.KMS
	at       time.Time
	log      bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{kms: awsfake.NewKMS(), at: time.UnixMilli(1_800_000_000_123)}
	w.recorder = &Recorder{
		items:   store.New[tables.SecurityEvent](dynamotest.Client(t), dynamotest.Table(t, tables.SecurityEvents), tables.SecurityEvents),
		names:   pseudonym.New(w.kms, "key"),
		now:     func() time.Time { return w.at },
		timeout: recordTimeout,
	}
	return w
}

func (w *world) context(t *testing.T, r function.Request) context.Context {
	ctx, _ := telemetry.WithRequest(t.Context(), telemetry.NewLogger(&w.log, "INFO"), telemetry.Request{ID: r.ID, Route: "POST /x"})
	return function.WithRequest(ctx, r)
}

func (w *world) record(t *testing.T, event Event) {
	t.Helper()
	if err := w.recorder.Record(w.context(t, request), event); err != nil || w.log.Len() > 0 {
		t.Fatalf("%v, %s", err, &w.log)
	}
}

func (w *world) of(t *testing.T, subject string) []tables.SecurityEvent {
	t.Helper()
	page, err := w.recorder.items.Query(t.Context(), store.Query{Partition: subject, Limit: 100, Consistency: store.Consistent})
	if err != nil {
		t.Fatal(err)
	}
	return page.Items
}

func TestRecord_SeveralEvents_AreQueriedInOrder(t *testing.T) {
	w := newWorld(t)
	kinds := []Kind{
		Registered, SignedIn, SignInFailed, SignInLocked, PasswordReset, PasswordChanged, PINSet, PINWrong, PINLocked, PINRemoved,
		AppLockOn, AppLockOff,
		DeviceRegistered, DeviceTrusted, DeviceRevoked, DataErased, AccountLinked,
	}
	for _, kind := range kinds {
		w.record(t, Event{Kind: kind, UserID: "user-1", Account: "ada.lovelace", DeviceID: "device-1"})
		w.at = w.at.Add(time.Millisecond)
	}
	w.record(t, Event{Kind: SignedIn, UserID: "user-2"})
	found := w.of(t, "user-1")
	if len(found) != len(kinds) {
		t.Fatalf("found %d events of %d", len(found), len(kinds))
	}
	for i, event := range found {
		if event.Type != string(kinds[i]) || event.At != 1_800_000_000_123+int64(i) {
			t.Errorf("event %d is %s at %d", i, event.Type, event.At)
		}
	}
}

func TestRecord_Event_HasTimeOriginAndExpiry(t *testing.T) {
	w := newWorld(t)
	w.record(t, Event{Kind: DeviceTrusted, UserID: "user-1", DeviceID: "device-1"})
	got := w.of(t, "user-1")[0]
	address, _ := w.recorder.names.SourceIP(t.Context(), request.SourceIP)
	device, _ := w.recorder.names.Device(t.Context(), "user-1", "device-1")
	want := tables.SecurityEvent{
		Subject: "user-1", ID: got.ID, Type: "device-trusted", At: 1_800_000_000_123, RequestID: "req-1",
		Address: string(address), Platform: "ios", Device: string(device), Country: "GB", RiskScore: 5, Action: "none", ExpiresAt: 1_800_000_000 + 400*24*3600,
	}
	if got != want || address == "" || device == "" {
		t.Errorf("got %+v, not %+v", got, want)
	}
}

func TestRecord_SameMoment_KeepsAllEvents(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.record(t, Event{Kind: PINWrong, UserID: "user-1"})
	}
	if found := w.of(t, "user-1"); len(found) != 3 {
		t.Errorf("%d of 3 are kept", len(found))
	}
}

func TestRecord_PersonalData_IsNotStored(t *testing.T) {
	w := newWorld(t)
	for _, event := range []Event{
		{Kind: SignedIn, UserID: "user-1", Account: "ada.lovelace@example.com", DeviceID: "ios__1718000000000_k3j9x1"},
		{Kind: SignInFailed, Account: "ada.lovelace", DeviceID: "ios__1718000000000_k3j9x1"},
		{Kind: AccountDeleted, UserID: "user-1", Account: "ada.lovelace"},
	} {
		w.record(t, event)
	}
	stored, count := w.everything(t)
	if count != 3 {
		t.Fatalf("%d events are stored", count)
	}
	for _, personal := range canary {
		if strings.Contains(strings.ToLower(stored), strings.ToLower(personal)) {
			t.Errorf("the table holds %q", personal)
		}
	}
}

// everything returns the table as text, and how many items it has.
func (w *world) everything(t *testing.T) (string, int) {
	t.Helper()
	name, _ := w.recorder.names.Username(t.Context(), "ada.lovelace")
	items := append(w.of(t, "user-1"), w.of(t, "account#"+string(name))...)
	text, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	return string(text), len(items)
}

func TestRecord_UnknownAccount_UsesTypedName(t *testing.T) {
	w := newWorld(t)
	w.record(t, Event{Kind: SignInFailed, Account: "Nobody"})
	name, _ := w.recorder.names.Username(t.Context(), "nobody")
	if found := w.of(t, "account#"+string(name)); len(found) != 1 {
		t.Errorf("found %+v", found)
	}
}

func TestRecord_AccountDeleted_OutlivesAccountWithoutID(t *testing.T) {
	w := newWorld(t)
	w.record(t, Event{Kind: AccountDeleted, UserID: "user-1", Account: "ada.lovelace"})
	w.record(t, Event{Kind: AccountExpired, UserID: "user-1", Account: "ada.lovelace"})
	stored, count := w.everything(t)
	if count != 2 || strings.Contains(stored, "user-1") {
		t.Errorf("stored are %d: %s", count, stored)
	}
}

func TestRecord_NoSourceIP_IsRecorded(t *testing.T) {
	w := newWorld(t)
	if err := w.recorder.Record(w.context(t, function.Request{}), Event{Kind: AccountDeleted, Account: "ada"}); err != nil || w.log.Len() > 0 {
		t.Errorf("%v, %s", err, &w.log)
	}
}

// declaredKinds reads the kinds from the source, so that none can be forgotten here.
func declaredKinds(t *testing.T) []Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []Kind
	ast.Inspect(file, func(node ast.Node) bool {
		spec, is := node.(*ast.ValueSpec)
		if !is {
			return true
		}
		if typ, is := spec.Type.(*ast.Ident); is && typ.Name == "Kind" {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, Kind(text))
			}
		}
		return true
	})
	if len(kinds) < 20 {
		t.Fatalf("found %d kinds", len(kinds))
	}
	return kinds
}

func TestRecord_EveryKind_IsCountedAndInTheRunbook(t *testing.T) {
	runbook, err := os.ReadFile("../../../docs/runbooks/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range declaredKinds(t) {
		for _, written := range []bool{true, false} {
			w, out := newWorld(t), bytes.Buffer{}
			if !written {
				w.recorder.items = store.New[tables.SecurityEvent](failing{err: errors.New("no table")}, "t", tables.SecurityEvents)
			}
			metrics := telemetry.NewMetrics(&out, "test", "WARN", time.Now)
			err := w.recorder.Record(telemetry.WithMetrics(w.context(t, request), metrics), Event{Kind: kind, UserID: "user-1", Account: "ada"})
			if (err != nil) != (kind.mustBeRecorded() && !written) {
				t.Errorf("%s: %v", kind, err)
			}
			if err := metrics.Flush(telemetry.Request{}); err != nil {
				t.Fatal(err)
			}
			line := map[string]any{}
			if err := json.Unmarshal(out.Bytes(), &line); err != nil || line[string(kind)] != 1.0 || (line["eventLost"] == nil) != (written || err != nil || kind.mustBeRecorded()) {
				t.Errorf("%s, written %v: %s, %v", kind, written, &out, err)
			}
		}
		if !strings.Contains(string(runbook), "| `"+string(kind)+"` |") {
			t.Errorf("docs/runbooks/security.md does not say what %s is", kind)
		}
	}
}

// failing is a table that no event can be written to.
type failing struct {
	store.Client
	err error
}

func (f failing) PutItem(ctx context.Context, _ *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if f.err == nil {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return nil, f.err
}

func TestRecord_WriteFails_FailsLinkingOnly(t *testing.T) {
	throttled := &types.ProvisionedThroughputExceededException{}
	for name, breakIt := range map[string]func(*world){
		"the table refuses": func(w *world) {
			w.recorder.items = store.New[tables.SecurityEvent](failing{err: throttled}, "t", tables.SecurityEvents)
		},
		"the table hangs": func(w *world) {
			w.recorder.items = store.New[tables.SecurityEvent](failing{}, "t", tables.SecurityEvents)
		},
		"KMS is down": func(w *world) { w.kms.Err = errors.New("no KMS") },
	} {
		w := newWorld(t)
		w.recorder.timeout = 20 * time.Millisecond
		breakIt(w)
		for _, kind := range []Kind{
			SignedIn, SignInFailed, SignInLocked, Registered, PasswordReset, PasswordChanged, PINSet, PINWrong, PINLocked,
			DeviceRegistered, DeviceRevoked, DeviceTrusted, AccountDeleted, AccountExpired,
		} {
			w.log.Reset()
			err := w.recorder.Record(w.context(t, request), Event{Kind: kind, UserID: "user-1", Account: "ada.lovelace"})
			if err != nil || !strings.Contains(w.log.String(), `"ERROR"`) || !strings.Contains(w.log.String(), string(kind)) || !strings.Contains(w.log.String(), "req-1") {
				t.Errorf("%s: %s: %v, logged %s", name, kind, err, &w.log)
			}
			for _, personal := range canary {
				if strings.Contains(w.log.String(), personal) {
					t.Errorf("%s: the log holds %q", name, personal)
				}
			}
		}
		if err := w.recorder.Record(w.context(t, request), Event{Kind: AccountLinked, UserID: "user-1"}); !errors.Is(err, apierror.Unavailable) {
			t.Errorf("%s: an account is linked unrecorded: %v", name, err)
		}
	}
}

func TestRecord_NoSubject_IsRefused(t *testing.T) {
	w := newWorld(t)
	for _, event := range []Event{{Kind: SignedIn}, {Kind: AccountDeleted, UserID: "user-1"}} {
		w.log.Reset()
		if err := w.recorder.Record(w.context(t, request), event); err != nil || !strings.Contains(w.log.String(), "neither UserID nor Account") {
			t.Errorf("%+v: %v, %s", event, err, &w.log)
		}
	}
}

func TestPlatformOf_UserAgent_ReturnsPlatformOnly(t *testing.T) {
	for agent, want := range map[string]string{
		"Expenzez/81 CFNetwork/1494.0.7 Darwin/23.4.0":           "ios",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)": "ios",
		"okhttp/4.9.2": "android",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8)":                  "android",
		"Dalvik/2.1.0 (Linux; U; Android 13)":                       "android",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/17": "other",
		"axios/1.7.2": "other",
		"curl/8.5.0":  "other",
		"":            "other",
	} {
		if got := PlatformOf(agent); got != want {
			t.Errorf("%q is %s, not %s", agent, got, want)
		}
	}
}
