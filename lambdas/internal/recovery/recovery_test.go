package recovery_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// What a recovery ends depends on conditional writes, so it is tested on an engine
// that evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is tables with the accounts of "ada" and "eve", who trust alike.
type world struct {
	t          *testing.T
	names      map[*tables.Table]string
	recoveries *recovery.Recoveries
	at         time.Time
	ended      []string
	failing    error
}

// failAfter is a client whose writes fail from the one after the given number on.
type failAfter struct {
	*dynamodb.Client
	writes *int
}

var errDown = errors.New("DynamoDB is down")

func (c failAfter) count() error {
	if *c.writes--; *c.writes < 0 {
		return errDown
	}
	return nil
}

func (c failAfter) PutItem(ctx context.Context, in *dynamodb.PutItemInput, o ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if err := c.count(); err != nil {
		return nil, err
	}
	return c.Client.PutItem(ctx, in, o...)
}

func (c failAfter) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := c.count(); err != nil {
		return nil, err
	}
	return c.Client.UpdateItem(ctx, in, o...)
}

func (c failAfter) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if err := c.count(); err != nil {
		return nil, err
	}
	return c.Client.DeleteItem(ctx, in, o...)
}

func (c failAfter) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if err := c.count(); err != nil {
		return nil, err
	}
	return c.Client.BatchWriteItem(ctx, in, o...)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, names: map[*tables.Table]string{}, at: time.UnixMilli(1_800_000_000_000)}
	for _, table := range []*tables.Table{tables.Users, tables.UserIdentities, tables.Devices, tables.SecuritySettings, tables.AccountRecoveries} {
		w.names[table] = dynamotest.Table(t, table)
	}
	w.recoveries = w.with(1000)
	for _, user := range []string{"ada", "eve"} {
		put(w, tables.Users, store.SealedItem{"userId": text(user), "identities": set("own of "+user, "foreign of "+user)})
		put(w, tables.UserIdentities, tables.UserIdentity{ID: "own of " + user, UserID: user, Provider: "Google", Authoritative: true})
		put(w, tables.UserIdentities, tables.UserIdentity{ID: "foreign of " + user, UserID: user, Provider: "Apple"})
		put(w, tables.SecuritySettings, tables.SecurityPreferences{UserID: user, ID: tables.PreferencesID, AppLockEnabled: true})
		for _, device := range []string{"phone", "tablet"} {
			put(w, tables.Devices, store.SealedItem{"userId": text(user), "deviceId": text(device), "trusted": yes})
			put(w, tables.SecuritySettings, store.SealedItem{"userId": text(user), "id": text(tables.PINID(device))})
		}
	}
	return w
}

// with returns recoveries that can write so often.
func (w *world) with(writes int) *recovery.Recoveries {
	return recovery.New(failAfter{dynamotest.Client(w.t), &writes}, func(t *tables.Table) string { return w.names[t] }, w, w, w, func() time.Time { return w.at })
}

func (w *world) RevokeAllTokens(_ context.Context, userID, _ string) error {
	w.ended = append(w.ended, "tokens of "+userID)
	return w.failing
}

func (w *world) ForgetOrigins(_ context.Context, userID string) error {
	w.ended = append(w.ended, "origins of "+userID)
	return nil
}

func (w *world) SignOut(_ context.Context, userID string) error {
	w.ended = append(w.ended, "refresh tokens of "+userID)
	return nil
}

// start enters a recovery of ada's account.
func (w *world) start(provider string) tables.AccountRecovery {
	w.t.Helper()
	entry, err := w.recoveries.Start(w.t.Context(), tables.AccountRecovery{UserID: "ada", Provider: provider, Proven: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return entry
}

// expect checks what each user still has.
func (w *world) expect(userID string, identities []string, devices, pins int, proven bool) {
	w.t.Helper()
	account, err := w.recoveries.Account(w.t.Context(), userID)
	slices.Sort(account.Identities)
	if err != nil || !slices.Equal(account.Identities, identities) || account.OwnerProven != proven {
		w.t.Errorf("%s: the account is %+v, %v", userID, account, err)
	}
	for _, id := range []string{"own of " + userID, "foreign of " + userID} {
		_, err := table[tables.UserIdentity](w, tables.UserIdentities).Get(w.t.Context(), store.Key{id}, store.Consistent)
		if errors.Is(err, store.ErrNotFound) == slices.Contains(identities, id) {
			w.t.Errorf("%s: the identity %q: %v", userID, id, err)
		}
	}
	if has := count(w, tables.Devices, userID); has != devices {
		w.t.Errorf("%s: %d devices", userID, has)
	}
	if has := count(w, tables.SecuritySettings, userID); has != pins+1 { // and the preferences
		w.t.Errorf("%s: %d settings", userID, has)
	}
}

func TestEnd_EndsEverythingButPreferencesAndAuthoritativeIdentity(t *testing.T) {
	w := newWorld(t)
	entry := w.start("")
	if err := w.recoveries.End(t.Context(), &entry); err != nil {
		t.Fatal(err)
	}
	w.expect("ada", []string{"own of ada"}, 0, 0, true)
	w.expect("eve", []string{"foreign of eve", "own of eve"}, 2, 2, false)
	if !slices.Equal(w.ended, []string{"tokens of ada", "refresh tokens of ada", "origins of ada"}) {
		t.Errorf("ended %q", w.ended)
	}
	if entry.PINs != 2 || entry.Devices != 2 || !slices.Equal(entry.Providers, []string{"Apple"}) || entry.EndedAt == 0 {
		t.Errorf("noted %+v", entry)
	}
}

// After any number of writes, the schedule ends the rest and knows what ended.
func TestEnd_IsInterruptedAtAnyWrite_IsFinishedFromTheQueue(t *testing.T) {
	for writes := 0; ; writes++ {
		w := newWorld(t)
		entry := w.start("")
		if w.with(writes).End(t.Context(), &entry) == nil {
			if writes < 5 {
				t.Errorf("there were only %d writes", writes)
			}
			return
		}
		w.at = w.at.Add(2 * time.Minute)
		pending, err := w.recoveries.Pending(t.Context())
		if err != nil || len(pending) != 1 {
			t.Fatalf("after %d writes: pending %+v, %v", writes, pending, err)
		}
		if err := w.recoveries.End(t.Context(), &pending[0]); err != nil {
			t.Fatalf("after %d writes: %v", writes, err)
		}
		w.expect("ada", []string{"own of ada"}, 0, 0, true)
		if len(w.ended) < 2 || pending[0].PINs != 2 || pending[0].Devices != 2 || (writes > 0 && !slices.Equal(pending[0].Providers, []string{"Apple"})) {
			t.Errorf("after %d writes: ended %q, noted %+v", writes, w.ended, pending[0])
		}
		if err := w.recoveries.Finish(t.Context(), pending[0]); err != nil {
			t.Fatal(err)
		}
		if pending, err := w.recoveries.Pending(t.Context()); err != nil || len(pending) != 0 {
			t.Errorf("finished, and pending are %+v, %v", pending, err)
		}
	}
}

func TestEnd_SessionsCannotBeEnded_IsNotEnded(t *testing.T) {
	w := newWorld(t)
	entry := w.start("")
	w.failing = errDown
	if err := w.recoveries.End(t.Context(), &entry); !errors.Is(err, errDown) || entry.EndedAt != 0 {
		t.Errorf("ended at %d, %v", entry.EndedAt, err)
	}
}

// Of several sign-ins at once with an identity, one recovers the account: the others
// would end its session. A code always recovers.
func TestEnd_AnotherRecoveryEndedEverything_IsSuperseded(t *testing.T) {
	w := newWorld(t)
	first := w.start("Google")
	w.at = w.at.Add(time.Millisecond)
	second := w.start("Google")
	w.at = w.at.Add(time.Millisecond)
	code := w.start("")
	if err := w.recoveries.End(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	if err := w.recoveries.End(t.Context(), &second); !errors.Is(err, recovery.ErrSuperseded) {
		t.Errorf("the second identity: %v", err)
	}
	for range 2 { // an interrupted one is repeated
		if err := w.recoveries.End(t.Context(), &code); err != nil {
			t.Errorf("the code: %v", err)
		}
	}
	if err := w.recoveries.End(t.Context(), &first); !errors.Is(err, recovery.ErrSuperseded) {
		t.Errorf("the first again, after the code: %v", err)
	}
}

func TestEnd_OutcomeOfCodeUnknown_EndsTrustAndProvesNothing(t *testing.T) {
	w := newWorld(t)
	entry, err := w.recoveries.Start(t.Context(), tables.AccountRecovery{UserID: "ada"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.recoveries.End(t.Context(), &entry); err != nil {
		t.Fatal(err)
	}
	w.expect("ada", []string{"own of ada"}, 0, 0, false)
}

func TestEnd_NoAccount(t *testing.T) {
	w := newWorld(t)
	entry := tables.AccountRecovery{UserID: "nobody"}
	if err := w.recoveries.End(t.Context(), &entry); !errors.Is(err, recovery.ErrNoAccount) || len(w.ended) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestPending_FunctionMayBeAtWork_IsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.start("")
	if pending, err := w.recoveries.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Errorf("pending are %+v, %v", pending, err)
	}
}

func TestUnlink_TakesOneProvidersIdentitiesAndEndsSessions(t *testing.T) {
	w := newWorld(t)
	if n, err := w.recoveries.Unlink(t.Context(), "ada", "Google"); err != nil || n != 1 {
		t.Errorf("unlinked %d, %v", n, err)
	}
	w.expect("ada", []string{"foreign of ada"}, 2, 2, false)
	if n, err := w.recoveries.Unlink(t.Context(), "ada", "Google"); err != nil || n != 0 || len(w.ended) != 4 {
		t.Errorf("repeated: unlinked %d, %v, ended %q", n, err, w.ended)
	}
	if _, err := w.recoveries.Unlink(t.Context(), "nobody", "Google"); !errors.Is(err, recovery.ErrNoAccount) {
		t.Errorf("got %v", err)
	}
}
