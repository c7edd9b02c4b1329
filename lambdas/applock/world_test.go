package applock

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// What is stored and counted is conditional writes, so it is tested on an engine
// that evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

var (
	ada = function.Caller{UserID: "user-1"}
	eve = function.Caller{UserID: "user-2"}
)

// The devices and PINs of the tests.
const (
	phone, tablet = "ios__1718000000000_k3j9x1", "ios__1718000000001_a1b2c3"
	right, wrong  = "48151", "99999"
	another       = "62342"
)

// world is the domain over tables of its own, with a clock that tests move.
type world struct {
	t           *testing.T
	at          atomic.Int64
	address     string // where requests come from
	accounts    *fakeAccounts
	settings    string
	users       *store.Table[recovery.Account]
	counts      string
	counter     *attempts.Counter
	pins        *pins
	preferences *preferences
	events      *fakeEvents
	outbox      *emailtest.Outbox
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, address: "192.0.2.1", accounts: newFakeAccounts(t, ada, eve), settings: dynamotest.Table(t, tables.SecuritySettings), counts: dynamotest.Table(t, tables.LoginAttempts),
		events: &fakeEvents{}, outbox: &emailtest.Outbox{},
	}
	w.at.Store(1_800_000_000_000)
	w.counter = attempts.New(store.New[tables.LoginAttempt](dynamotest.Client(t), w.counts, tables.LoginAttempts), w.now)
	kept := newSettings(store.New[store.SealedItem](dynamotest.Client(t), w.settings, tables.SecuritySettings))
	users := dynamotest.Table(t, tables.Users)
	kept.gate, w.users = recovery.NewGate(dynamotest.Client(t), users), store.New[recovery.Account](dynamotest.Client(t), users, tables.Users)
	for _, caller := range []function.Caller{ada, eve} {
		if err := w.users.Put(t.Context(), recovery.Account{UserID: caller.UserID}); err != nil {
			t.Fatal(err)
		}
	}
	w.pins = &pins{
		accounts: w.accounts,
		settings: kept,
		guesses:  &pinGuesses{counter: w.counter, names: pseudonym.New(awsfake.NewKMS(), "key")},
		events:   w.events,
		sender:   w.outbox,
		now:      w.now,
	}
	w.preferences = &preferences{settings: kept, events: w.events, now: w.now}
	return w
}

func (w *world) ctx() context.Context {
	return function.WithRequest(context.Background(), function.Request{SourceIP: w.address})
}

func (w *world) now() time.Time          { return time.UnixMilli(w.at.Load()) }
func (w *world) advance(d time.Duration) { w.at.Add(d.Milliseconds()) }

func (w *world) set(caller function.Caller, device, pin string) {
	w.t.Helper()
	if _, err := w.pins.Set(w.t.Context(), caller, setPINRequest{PIN: pin, DeviceID: device, BiometricEnabled: new(bool)}); err != nil {
		w.t.Fatal(err)
	}
}

// is checks whether a PIN is right at a device.
func (w *world) is(caller function.Caller, device, pin string, want bool) {
	w.t.Helper()
	got, err := w.pins.Validate(w.ctx(), caller, validatePINRequest{PIN: pin, DeviceID: device})
	if err != nil || got.Success != want || (got.Message == "") != want {
		w.t.Errorf("%s at %s: got %+v, %v, not %v", pin, device, got, err, want)
	}
}

func (w *world) status(caller function.Caller, device string) deviceStatus {
	w.t.Helper()
	got, err := w.preferences.Status(w.t.Context(), caller, deviceRequest{device})
	if err != nil || !got.Success {
		w.t.Fatalf("got %+v, %v", got, err)
	}
	return got.Status
}

// stored returns the PIN of a device as it is stored, opened.
func (w *world) stored(caller function.Caller, device string) tables.DevicePIN {
	w.t.Helper()
	o, err := w.pins.load(w.t.Context(), caller)
	if err != nil {
		w.t.Fatal(err)
	}
	found, _ := o.settings.device(device)
	found.Hash, _, err = w.pins.settings.Open(o.settings, o.key, device)
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

// mails are the changes that were told of.
func (w *world) mails() []emailtemplates.PINChange {
	var told []emailtemplates.PINChange
	for _, sent := range w.outbox.Sent() {
		told = append(told, sent.Message.(emailtemplates.DevicePIN).Change)
	}
	return told
}

// fakeAccounts has accounts with data keys.
type fakeAccounts struct {
	users map[string]*tables.User
	keys  map[string]*fieldcrypt.DataKey
}

func newFakeAccounts(t *testing.T, callers ...function.Caller) *fakeAccounts {
	t.Helper()
	a := &fakeAccounts{map[string]*tables.User{}, map[string]*fieldcrypt.DataKey{}}
	for _, caller := range callers {
		a.add(t, caller)
	}
	return a
}

func (a *fakeAccounts) add(t *testing.T, caller function.Caller) {
	t.Helper()
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{})
	key, err := keys.New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: caller.UserID})
	if err != nil {
		t.Fatal(err)
	}
	a.users[caller.UserID] = &tables.User{UserID: caller.UserID, Email: tables.EncryptedString(caller.UserID + "@example.com")}
	a.keys[caller.UserID] = key
}

func (a *fakeAccounts) WithKey(_ context.Context, userID string) (*tables.User, *fieldcrypt.DataKey, error) {
	if user, found := a.users[userID]; found {
		return user, a.keys[userID], nil
	}
	return nil, nil, accounts.ErrNotFound
}

// fakeEvents notes what is recorded.
type fakeEvents struct {
	mu    sync.Mutex
	noted []securityevents.Event
}

func (e *fakeEvents) Record(_ context.Context, event securityevents.Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.noted = append(e.noted, event)
	return nil
}

// kinds are the kinds of what was recorded.
func (e *fakeEvents) kinds() []securityevents.Kind {
	var kinds []securityevents.Kind
	for _, event := range e.noted {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func (e *fakeEvents) are(t *testing.T, want ...securityevents.Kind) {
	t.Helper()
	if got := e.kinds(); !slices.Equal(got, want) {
		t.Errorf("recorded %v, not %v", got, want)
	}
}

// readOnly is the table for a function without permission to write it.
func readOnly(t *testing.T, name string) *store.Table[store.SealedItem] {
	return store.New[store.SealedItem](noWrites{dynamotest.Client(t)}, name, tables.SecuritySettings)
}

type noWrites struct{ store.Client }

func (noWrites) TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return nil, errors.New("no writes")
}

func (noWrites) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return nil, errors.New("no writes")
}
