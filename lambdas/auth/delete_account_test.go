package auth

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// closing is the account of "user-1" and everything that its deletion changes. It notes
// each step, and the step named in fails returns an error.
type closing struct {
	account *tables.User
	user    *userpool.User // a requested deletion does not read it
	queue   []tables.AccountDeletion
	steps   []string
	fails   string
	before  func(step int) // called before the step of this number
	outbox  emailtest.Outbox
	events  fakeEvents
}

var errBroken = errors.New("broken")

func (c *closing) note(step string) error {
	if c.before != nil {
		c.before(len(c.steps))
	}
	c.steps = append(c.steps, step)
	if step == c.fails {
		return errBroken
	}
	return nil
}

func (c *closing) Get(context.Context, string) (*tables.User, error) {
	if c.account == nil {
		return nil, accounts.ErrNotFound
	}
	return c.account, nil
}

func (c *closing) Hash(context.Context, string) (string, error) { return "hash", nil }

func (c *closing) Forget(_ context.Context, hash, userID string) error {
	return c.note("free " + hash + " of " + userID)
}

// Revoke is Apple's.
func (c *closing) Revoke(_ context.Context, clientID, refreshToken string) error {
	return c.note("take " + refreshToken + " of " + clientID + " back")
}

func (c *closing) RevokeAllTokens(_ context.Context, userID, _ string) error {
	return c.note("revoke " + userID)
}

func (c *closing) Find(_ context.Context, userID string) (userpool.User, bool, error) {
	err := c.note("look at " + userID)
	if err != nil || c.user == nil {
		return userpool.User{}, false, err
	}
	return *c.user, true, nil
}

func (c *closing) DeleteUser(_ context.Context, userID string) error {
	err := c.note("delete " + userID)
	if err == nil {
		c.user = nil
	}
	return err
}

func (c *closing) Start(_ context.Context, deletion tables.AccountDeletion) error {
	c.queue = []tables.AccountDeletion{deletion}
	return c.note("enter")
}

func (c *closing) IsPending(context.Context, string) (bool, error) { return len(c.queue) > 0, nil }

func (c *closing) Pending(context.Context) ([]tables.AccountDeletion, error) { return c.queue, nil }

func (c *closing) MarkErased(_ context.Context, _ string, at time.Time) error {
	c.queue[0].ErasedAt = at.UnixMilli()
	return c.note("erased")
}

func (c *closing) CancelIfUnconfirmed(_ context.Context, userID string) error {
	c.queue = nil
	return c.note("withdraw " + userID)
}

func (c *closing) Finish(context.Context, string) error {
	c.queue = nil
	return c.note("finish")
}

// eraser and accountEraser are parts of their own because both have an Erase.
type eraser struct{ *closing }

func (e eraser) Erase(_ context.Context, userID string) (int, error) {
	return 3, e.note("erase data of " + userID)
}

type accountEraser struct{ *closing }

func (e accountEraser) Erase(_ context.Context, userID string) error {
	err := e.note("erase account " + userID)
	if err == nil {
		e.account = nil
	}
	return err
}

// identityEraser forgets identities, as the closing itself forgets addresses.
type identityEraser struct{ *closing }

func (e identityEraser) Forget(_ context.Context, id, userID string) error {
	return e.note("forget " + id + " of " + userID)
}

// erasureQueue forgets a running erasure of data.
type erasureQueue struct{ *closing }

func (e erasureQueue) Forget(_ context.Context, userID string) error {
	return e.note("forget erasure of " + userID)
}

func closeWith(c *closing, now func() time.Time) *deleteAccount {
	return &deleteAccount{
		accounts: accountEraser{c}, emails: c, identities: identityEraser{c}, apple: c, sessions: c, pool: c, eraser: eraser{c}, erasures: erasureQueue{c}, queue: c, sender: &c.outbox, events: &c.events, now: now,
	}
}

var everyStep = []string{
	"revoke user-1", "delete user-1", "revoke user-1", "erase data of user-1", "forget erasure of user-1", "free hash of user-1", "erase account user-1", "erased",
}

func TestDelete_RunsEveryStepInOrder(t *testing.T) {
	c := &closing{account: ada()}
	now := time.Now()
	d := closeWith(c, func() time.Time { return now })
	if _, err := d.Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil {
		t.Fatal(err)
	}
	if want := append([]string{"enter"}, everyStep...); !reflect.DeepEqual(c.steps, want) {
		t.Errorf("the steps were %q", c.steps)
	}
	if sent := c.outbox.Sent(); len(sent) != 1 || sent[0].To != "ada@example.com" {
		t.Errorf("sent %v", sent)
	}
	c.steps = nil
	if _, err := d.Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil || c.steps != nil {
		t.Errorf("the repetition did %q, %v", c.steps, err)
	}
	if err := d.Resume(t.Context()); err != nil || c.steps != nil {
		t.Errorf("while requests may be writing, a run did %q, %v", c.steps, err)
	}
	now = now.Add(inFlightGracePeriod)
	if err := d.Resume(t.Context()); err != nil || !reflect.DeepEqual(c.steps, []string{"erase data of user-1", "forget erasure of user-1", "finish"}) {
		t.Errorf("the last run did %q, %v", c.steps, err)
	}
	c.steps = nil
	if err := d.Resume(t.Context()); err != nil || c.steps != nil {
		t.Errorf("a run with nothing to do did %q, %v", c.steps, err)
	}
}

// The user is told that the account is deleted even if a step fails, and the schedule
// repeats the steps.
func TestDelete_InterruptedAtAnyStep_IsResumed(t *testing.T) {
	for _, step := range everyStep {
		c := &closing{account: ada(), fails: step}
		d := closeWith(c, time.Now)
		if _, err := d.Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); err != nil {
			t.Errorf("%s: the user is told %v", step, err)
		}
		if err := d.Resume(t.Context()); step != "erased" && !errors.Is(err, errBroken) {
			t.Errorf("%s: a run that fails says %v", step, err)
		}
		c.fails, c.steps = "", nil
		c.queue[0].ErasedAt = 0
		if err := d.Resume(t.Context()); err != nil || !reflect.DeepEqual(c.steps, everyStep) {
			t.Errorf("%s: taken up again, the steps were %q, %v", step, c.steps, err)
		}
		if c.account != nil || c.queue[0].ErasedAt == 0 {
			t.Errorf("%s: the account is still there", step)
		}
		if len(c.outbox.Sent()) != 1 || len(c.events.recorded) != 1 {
			t.Errorf("%s: recorded %+v, sent %v", step, c.events.recorded, c.outbox.Sent())
		}
	}
}

func TestDelete_UnrecordedDeletion_Fails(t *testing.T) {
	c := &closing{account: ada(), fails: "enter"}
	if _, err := closeWith(c, time.Now).Delete(t.Context(), function.Caller{UserID: "user-1"}, function.NoInput{}); !errors.Is(err, errBroken) || len(c.steps) != 1 {
		t.Errorf("did %q, %v", c.steps, err)
	}
}
