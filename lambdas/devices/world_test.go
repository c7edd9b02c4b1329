package devices

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/fieldcrypt"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The registry is conditional writes, and what the functions do depends on which
// of them hold, so they are tested on an engine that evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is a stage with the accounts of "ada" and "eve": a table of devices, a
// clock that tests move, and notes of what the functions did elsewhere.
type world struct {
	t        *testing.T
	devices  string // the table's name
	users    *store.Table[recovery.Account]
	gate     *recovery.Gate
	registry *registryWithPINs
	signIns  *signins.SignIns
	keys     map[string]*fieldcrypt.DataKey
	ended    []string // sessions, by how and in which order
	endFails error
	onEnd    func() // runs before a session ends
	events   []securityevents.Event
	at       time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, name := dynamotest.Client(t), dynamotest.Table(t, tables.Devices)
	settings, users := dynamotest.Table(t, tables.SecuritySettings), dynamotest.Table(t, tables.Users)
	w := &world{
		t: t, devices: name, users: store.New[recovery.Account](db, users, tables.Users), gate: recovery.NewGate(db, users), at: time.UnixMilli(1_800_000_000_000), keys: map[string]*fieldcrypt.DataKey{},
		registry: &registryWithPINs{
			registry: &registry{
				clear:  store.New[deviceState](db, name, tables.Devices),
				sealed: store.New[store.SealedItem](db, name, tables.Devices),
				schema: fieldcrypt.NewSchema[tables.Device](tables.Devices),
			},
			pins: store.New[store.SealedItem](db, settings, tables.SecuritySettings),
		},
	}
	signIns := store.New[tables.SignIn](db, dynamotest.Table(t, tables.SignIns), tables.SignIns)
	w.signIns = signins.New(signIns, pseudonym.New(awsfake.NewKMS(), "key"), w.now)
	keys := fieldcrypt.NewKeys(awsfake.NewKMS(), "key", fieldcrypt.Options{})
	for _, user := range []string{"ada", "eve"} {
		key, err := keys.New(t.Context(), fieldcrypt.Owner{Table: tables.Users, User: user})
		if err != nil {
			t.Fatal(err)
		}
		w.keys[user] = key
		testkit.Must(t, w.users.Put(t.Context(), recovery.Account{UserID: user}))
	}
	return w
}

// signIn has a user sign in, in this session, and register nothing.
func (w *world) signIn(user, session, agent string) {
	w.t.Helper()
	ctx := function.WithRequest(w.t.Context(), function.Request{SourceIP: "192.0.2.1", UserAgent: agent})
	_, err := w.signIns.Record(ctx, guard.Session{UserID: user, ID: session, Began: w.at})
	testkit.Must(w.t, err)
	w.at = w.at.Add(time.Minute)
}

// Live are the sessions that did not end.
func (w *world) Live(_ context.Context, userID string, sessions ...guard.Session) ([]guard.Session, error) {
	return slices.DeleteFunc(slices.Clone(sessions), func(session guard.Session) bool {
		return slices.Contains(w.ended, "revoked "+session.ID+" of "+userID) || slices.Contains(w.ended, "retired "+session.ID+" of "+userID)
	}), nil
}

func (w *world) DataKey(_ context.Context, userID string) (*fieldcrypt.DataKey, error) {
	if key, has := w.keys[userID]; has {
		return key, nil
	}
	return nil, accounts.ErrNotFound
}

func (w *world) end(how, userID, session string) error {
	if w.onEnd != nil {
		act := w.onEnd
		w.onEnd = nil
		act()
	}
	if w.endFails != nil {
		return w.endFails
	}
	w.ended = append(w.ended, how+" "+session+" of "+userID)
	return nil
}

func (w *world) RevokeRefreshToken(_ context.Context, userID, session, _ string) error {
	return w.end("retired", userID, session)
}

func (w *world) RevokeSession(_ context.Context, userID, session, _ string) error {
	return w.end("revoked", userID, session)
}

func (w *world) Record(_ context.Context, event securityevents.Event) error {
	w.events = append(w.events, event)
	return nil
}

func (w *world) now() time.Time { return w.at }

// in is a caller in a session of theirs.
func in(user, session string) function.Caller {
	return function.Caller{UserID: user, SessionID: session}
}

func phone(id string) registerRequest {
	return registerRequest{DeviceID: id, DeviceName: "Ada's iPhone", Platform: "ios", AppVersion: "1.8.1", RememberMe: new(bool)}
}

func (w *world) tryRegister(caller function.Caller, in registerRequest) (registerResponse, error) {
	r := &register{accounts: w, registry: w.registry, gate: w.gate, sessions: w, events: w, now: w.now}
	return r.Register(w.t.Context(), caller, in)
}

func (w *world) register(caller function.Caller, in registerRequest) registerResponse {
	w.t.Helper()
	answer, err := w.tryRegister(caller, in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.at = w.at.Add(time.Minute)
	return answer
}

func (w *world) list(user string) listResponse {
	w.t.Helper()
	answer, err := (&list{accounts: w, registry: w.registry.registry, signIns: w.signIns, sessions: w}).List(w.t.Context(), in(user, "any"), function.NoInput{})
	if err != nil {
		w.t.Fatal(err)
	}
	return answer
}

func (w *world) ids(user string) []string {
	w.t.Helper()
	ids := []string{}
	for _, device := range w.list(user).Devices {
		ids = append(ids, device.DeviceID)
	}
	return ids
}

func (w *world) revoke(user, id string) error {
	_, err := (&revoke{registry: w.registry, signIns: w.signIns, sessions: w, events: w}).Revoke(w.t.Context(), in(user, "any"), deviceRequest{DeviceID: id})
	return err
}

// setPIN gives a device a PIN, as far as a revocation can see one.
func (w *world) setPIN(user, id string) {
	w.t.Helper()
	testkit.Must(w.t, w.registry.pins.Put(w.t.Context(), store.SealedItem{
		"userId": &types.AttributeValueMemberS{Value: user}, "id": &types.AttributeValueMemberS{Value: tables.PINID(id)},
	}))
}

func (w *world) hasPIN(user, id string) bool {
	w.t.Helper()
	_, err := w.registry.pins.Get(w.t.Context(), store.Key{user, tables.PINID(id)}, store.Consistent)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		w.t.Fatal(err)
	}
	return err == nil
}

func (w *world) mark() *mark { return &mark{registry: w.registry.registry, events: w, now: w.now} }

func (w *world) trust(user, id string) error {
	_, err := w.mark().Trust(w.t.Context(), in(user, "any"), deviceRequest{DeviceID: id})
	return err
}

func (w *world) use(user, id string) (usageResponse, error) {
	return w.mark().Used(w.t.Context(), in(user, "any"), usageRequest{DeviceID: id})
}

// must fails the test unless err is nil.
var errBroken = errors.New("broken")
