package attempts_test

import (
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Counting is nothing but conditional writes, so it is tested on an engine that
// evaluates them.
func TestMain(m *testing.M) { os.Exit(dynamotest.Run(m)) }

// world is what environments share: the table, and a clock that tests move.
type world struct {
	t     *testing.T
	table string
	at    atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, table: dynamotest.Table(t, tables.LoginAttempts)}
	w.at.Store(1_800_000_000_000)
	return w
}

func (w *world) now() time.Time          { return time.UnixMilli(w.at.Load()) }
func (w *world) advance(d time.Duration) { w.at.Add(d.Milliseconds()) }

// through returns the counter of a new environment with this client.
func (w *world) through(client store.Client) *attempts.Counter {
	return attempts.New(store.New[tables.LoginAttempt](client, w.table, tables.LoginAttempts), w.now)
}

func (w *world) environment() *attempts.Counter { return w.through(dynamotest.Client(w.t)) }

// reserve returns the attempt, or nil when it is locked.
func (w *world) reserve(c *attempts.Counter, subjects ...attempts.Subject) *attempts.Reservation {
	w.t.Helper()
	attempt, err := c.Reserve(context.Background(), subjects...)
	var locked *attempts.LockedError
	if err != nil && !errors.As(err, &locked) {
		w.t.Fatal(err)
	}
	return attempt
}

// fail makes as many attempts that are let through and fail.
func (w *world) fail(c *attempts.Counter, times int, subjects ...attempts.Subject) {
	w.t.Helper()
	for i := range times {
		if w.reserve(c, subjects...) == nil {
			w.t.Fatalf("failure %d of %d is not let through", i+1, times)
		}
	}
}

// locked checks for how long the subject is locked.
func (w *world) locked(c *attempts.Counter, subject attempts.Subject, wait time.Duration) {
	w.t.Helper()
	attempt, err := c.Reserve(context.Background(), subject)
	var locked *attempts.LockedError
	if !errors.As(err, &locked) || attempt != nil || locked.RetryAfter != wait {
		w.t.Errorf("got %v, %v; not locked for %s", attempt, err, wait)
	}
}

// stored returns what is counted for a subject.
func (w *world) stored(id string) tables.LoginAttempt {
	w.t.Helper()
	items := store.New[tables.LoginAttempt](dynamotest.Client(w.t), w.table, tables.LoginAttempts)
	item, err := items.Get(context.Background(), store.Key{id}, store.Consistent)
	if errors.Is(err, store.ErrNotFound) {
		return tables.LoginAttempt{}
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return *item
}

var (
	ada     = attempts.SignIn.Of("ada")
	address = fewer.Of("address")
)

// fewer is the policy of addresses with fewer free failures, which take less time.
var fewer = func() attempts.Policy {
	p := attempts.SignInAddress
	p.Free = 4
	return p
}()

func TestFiveFailuresAreFreeAndThenTheWaitDoubles(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		w.locked(c, ada, wait)
		w.advance(wait - time.Millisecond)
		w.locked(c, ada, time.Millisecond)
		w.advance(time.Millisecond)
		w.fail(c, 1, ada)
	}
}

func TestAskingDuringTheWaitDoesNotMakeItLonger(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	for left := 30 * time.Second; left > 0; left -= 5 * time.Second {
		w.locked(c, ada, left)
		w.advance(5 * time.Second)
	}
	w.fail(c, 1, ada)
}

func TestOfParallelGuessesOnlyTheFreeOnesAreLetThrough(t *testing.T) {
	w := newWorld(t)
	for round, want := range []int64{5, 1, 1} {
		var through atomic.Int64
		var all sync.WaitGroup
		for range 2 {
			environment := w.environment()
			for range 5 {
				all.Go(func() {
					_, err := environment.Reserve(context.Background(), ada)
					var locked *attempts.LockedError
					if err == nil {
						through.Add(1)
					} else if !errors.As(err, &locked) {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if through.Load() != want {
			t.Errorf("round %d: of 10 parallel guesses %d were let through, not %d", round+1, through.Load(), want)
		}
		w.advance(time.Duration(30<<round) * time.Second)
	}
}

func TestASuccessForgetsAnAccountsFailures(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, ada)
	c.Succeeded(t.Context(), w.reserve(c, ada))
	w.fail(c, 5, ada)
	w.locked(c, ada, 30*time.Second)
}

func TestASuccessGivesAnAddressItsOwnAttemptBackAndNoMore(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, address)
	w.advance(30 * time.Second)
	before := w.stored("sign-in-address#address")
	c.Succeeded(t.Context(), w.reserve(c, address))
	after := w.stored("sign-in-address#address")
	before.Version = after.Version
	if after != before || after.Failures != 4 {
		t.Errorf("before the success there was %+v, after it %+v", before, after)
	}
	w.fail(c, 1, address) // at once: the success has cost no wait
	w.locked(c, address, time.Minute)
}

// Whoever has an account of their own and tries the passwords of others.
func TestSuccessesInBetweenDoNotLetAnAddressSprayOn(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	own := attempts.SignIn.Of("own")
	for i, victim := range []pseudonym.Pseudonym{"ada", "bob", "cyd", "dan"} {
		w.fail(c, 1, address, attempts.SignIn.Of(victim))
		if attempt := w.reserve(c, address, own); i < 3 {
			c.Succeeded(t.Context(), attempt)
		} else if attempt != nil {
			t.Error("after 4 failures at the accounts of others, another attempt is let through")
		}
	}
}

func TestASuccessAtTheFirstAttemptLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	c.Succeeded(t.Context(), w.reserve(c, address, ada))
	for _, id := range []string{"sign-in-address#address", "sign-in#ada"} {
		if item := w.stored(id); item.ID != "" {
			t.Errorf("%+v is left", item)
		}
	}
}

func TestParallelSuccessesFromAnAddressAreAllGivenBack(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	many := attempts.SignInAddress.Of("address")
	w.fail(c, 3, many)
	pending := make([]*attempts.Reservation, 6)
	for i := range pending {
		pending[i] = w.reserve(c, many)
	}
	w.fail(c, 1, many)
	var all sync.WaitGroup
	for _, attempt := range pending {
		all.Go(func() { w.environment().Succeeded(context.Background(), attempt) })
	}
	all.Wait()
	if item := w.stored("sign-in-address#address"); item.Failures != 4 {
		t.Errorf("4 attempts failed, %d are counted", item.Failures)
	}
}

func TestARefundDoesNotShortenTheWaitOfALaterFailure(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 4, ada)
	unchecked := w.reserve(c, ada)
	w.advance(30 * time.Second)
	w.fail(c, 1, ada)
	c.Refund(t.Context(), unchecked)
	w.locked(c, ada, 30*time.Second)
}

func TestARefundOfTheFirstAttemptTakesNoLaterOneWithIt(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	unchecked := w.reserve(c, ada)
	w.fail(c, 1, ada)
	c.Refund(t.Context(), unchecked)
	if item := w.stored("sign-in#ada"); item.Failures != 1 {
		t.Errorf("1 attempt failed, %d are counted", item.Failures)
	}
}

func TestAnAttemptThatWasNotMadeIsGivenBack(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.advance(30 * time.Second)
	for range 3 {
		c.Refund(t.Context(), w.reserve(c, ada))
	}
	w.fail(c, 1, ada)
	w.locked(c, ada, time.Minute)
}

func TestFailuresAreForgottenAfterADayWithoutOne(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.advance(24*time.Hour - time.Millisecond)
	w.fail(c, 1, ada)
	w.locked(c, ada, time.Minute)
	w.advance(24 * time.Hour)
	w.fail(c, 5, ada)
	w.locked(c, ada, 30*time.Second)
	if item := w.stored("sign-in#ada"); item.ExpiresAt != w.now().Add(24*time.Hour+time.Second).Unix() {
		t.Errorf("the count is deleted at %d", item.ExpiresAt)
	}
}

func TestAnAttemptIsCountedForAllItsSubjectsOrForNone(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	if w.reserve(c, address, ada) != nil {
		t.Error("a locked account is tried")
	}
	if item := w.stored("sign-in-address#address"); item.Failures != 0 {
		t.Errorf("the address has %d failures and nothing was tried", item.Failures)
	}
	w.fail(c, 4, address)
	bob := attempts.SignIn.Of("bob")
	if w.reserve(c, address, bob) != nil {
		t.Error("a locked address tries an account")
	}
	w.fail(c, 5, bob)
}

func TestSubjectsAndPoliciesAreCountedApart(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	for _, subject := range []attempts.Subject{ada, attempts.SignIn.Of("bob"), attempts.Code.Of("ada"), attempts.PIN.Of("ada")} {
		w.fail(c, 5, subject)
		w.locked(c, subject, 30*time.Second)
	}
}

func TestWhoProvedToBeTheOwnerIsLetInAtOnce(t *testing.T) {
	w := newWorld(t)
	c := w.environment()
	w.fail(c, 5, ada)
	w.fail(c, 5, attempts.PIN.Of("phone"))
	if err := c.Forget(t.Context(), ada, attempts.PIN.Of("phone"), attempts.PIN.Of("never tried")); err != nil {
		t.Fatal(err)
	}
	w.fail(c, 5, ada)
	w.fail(c, 5, attempts.PIN.Of("phone"))
}

func TestASubjectThatIsNobodyIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.environment().Reserve(t.Context(), attempts.SignIn.Of("")); err == nil {
		t.Error("attempts are counted for nobody")
	}
}

func TestACounterNeedsTheRightsOfItsGrant(t *testing.T) {
	open := func(granted ...tables.Grant) error {
		f := function.Define(function.Spec[*attempts.Counter]{
			Name: "f", Purpose: "Tests.", Rights: function.Rights{Tables: granted},
			New: func(env *function.Environment) (*attempts.Counter, error) { return attempts.Open(env), nil },
		})
		_, err := f.Bind(function.NewEnvironment(aws.Config{}, func(name string) (string, bool) { return name, true }))
		return err
	}
	if open() == nil {
		t.Error("a counter without the right is opened")
	}
	if err := open(attempts.Grant); err != nil {
		t.Error(err)
	}
}
