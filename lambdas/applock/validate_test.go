package applock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/pinhash"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestValidate_PIN_IsRightOnAllDevicesOfItsUser(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	for name, try := range map[string]struct {
		caller      function.Caller
		device, pin string
		want        bool
	}{
		"the device's own":                  {ada, phone, right, true},
		"that of another device":            {ada, phone, another, true},
		"wrong":                             {ada, phone, wrong, false},
		"wrong, at a device without one":    {ada, "other", wrong, false},
		"of somebody else's device":         {eve, phone, right, false},
		"of somebody else, at their own":    {eve, "android__1", right, false},
		"of somebody without any":           {eve, phone, wrong, false},
		"another's, at a device without it": {ada, "third", another, true},
	} {
		t.Run(name, func(t *testing.T) { w.is(try.caller, try.device, try.pin, try.want) })
	}
}

func TestValidate_DeviceWithoutPIN_KeepsTheRightPIN(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.is(ada, tablet, wrong, false)
	if w.status(ada, tablet).HasDevicePIN {
		t.Error("a wrong PIN enrols the device")
	}
	w.is(ada, tablet, right, true)
	if !w.status(ada, tablet).HasDevicePIN {
		t.Error("the device has no PIN")
	}
	w.set(ada, phone, another)
	w.is(ada, tablet, right, true)
	w.events.are(t, securityevents.PINSet, securityevents.PINWrong, securityevents.PINSet, securityevents.PINSet)
	if told := w.mails(); len(told) != 2 || told[1] != emailtemplates.PINChanged {
		t.Errorf("told %v", told) // only of the phone, because the PIN was right at the tablet
	}
}

func TestValidate_PINOfAnotherDevice_KeepsDevicePIN(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	before := w.stored(ada, phone)
	w.advance(time.Minute)
	w.is(ada, phone, another, true)
	w.is(ada, phone, right, true)
	if after := w.stored(ada, phone); after != before {
		t.Errorf("stored %+v", after)
	}
}

func TestValidate_FiveWrongPINs_LocksRightPINToo(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for range 5 {
		w.is(ada, phone, wrong, false)
	}
	_, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, phone})
	if failure := apierror.From(err); failure.Status != http.StatusTooManyRequests || failure.RetryAfter != 30*time.Second {
		t.Errorf("got %+v", failure)
	}
	kinds := w.events.kinds()
	if len(kinds) != 7 || kinds[5] != securityevents.PINWrong || kinds[6] != securityevents.PINLocked {
		t.Errorf("recorded %v", kinds)
	}
	w.advance(30 * time.Second)
	w.is(ada, phone, right, true)
	for range 5 { // the right one has forgiven them
		w.is(ada, phone, wrong, false)
	}
	w.is(eve, phone, wrong, false) // another user's device with the same id
}

// through makes wrong guesses at once and returns how many were looked at.
func (w *world) through(guesses int, device func(i int) string) int64 {
	w.t.Helper()
	var all sync.WaitGroup
	var through atomic.Int64
	for i := range guesses {
		all.Go(func() {
			answer, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{wrong, device(i)})
			var locked *attempts.LockedError
			switch {
			case err == nil && !answer.Success:
				through.Add(1)
			case !errors.As(err, &locked):
				w.t.Errorf("got %+v, %v", answer, err)
			}
		})
	}
	all.Wait()
	return through.Load()
}

func TestValidate_ParallelWrongPINs_ComparesFive(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	if got := w.through(12, func(int) string { return phone }); got != 5 {
		t.Errorf("%d of 12 were looked at", got)
	}
}

func TestValidate_InventedDevices_ShareOneCount(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	if got := w.through(12, func(i int) string { return fmt.Sprintf("made-up-%d", i) }); got != 5 {
		t.Errorf("%d of 12 were looked at", got)
	}
	if _, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, "made-up-99"}); err == nil {
		t.Error("a PIN is looked at once they are used up")
	}
	w.is(ada, phone, right, true) // its owner has noticed nothing
}

// A client with a token can set a PIN at another device and enter it correctly at will.
func TestValidate_AttackersOwnPIN_BringsNoMoreGuesses(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for i := range 5 {
		device := fmt.Sprintf("evil-%d", i)
		w.set(ada, device, another)
		w.is(ada, device, another, true)
		w.is(ada, fmt.Sprintf("enrolled-%d", i), another, true)
		w.is(ada, device, wrong, false)
	}
	// Five wrong ones were compared with the phone's; the right one no longer is.
	w.is(ada, "evil-0", right, false)
	w.is(ada, phone, right, true)
}

func TestValidate_PINOfAnotherDevice_CountsNoFailure(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	for range 7 {
		w.is(ada, phone, another, true)
	}
	w.is(ada, phone, right, true)
}

// A correct PIN of another device does not prove the device's own PIN. Otherwise an
// attacker could set a PIN at another device and continue guessing.
func TestValidate_PINOfAnotherDevice_ForgetsNoFailure(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, "evil", another)
	for range 4 {
		w.is(ada, phone, wrong, false)
	}
	for range 3 {
		w.is(ada, phone, another, true)
	}
	w.is(ada, phone, wrong, false)
	var locked *attempts.LockedError
	if _, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, phone}); !errors.As(err, &locked) {
		t.Errorf("got %v", err)
	}
}

func TestValidate_GuessesOnOneDevice_LockNoOtherDevice(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	for range 5 {
		w.is(ada, phone, wrong, false)
	}
	w.is(ada, tablet, another, true)
	// The owner's slips have used up the guesses at the other device's. That is no
	// reason to wait: for this device, the PIN is wrong.
	w.is(ada, tablet, right, false)
}

func TestSetPIN_EndsLock(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for range 5 {
		w.is(ada, phone, wrong, false)
	}
	w.set(ada, phone, another)
	w.is(ada, phone, another, true)
}

// allocated is how many bytes f allocates, which for Argon2 is its work.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

func TestValidate_ManyDevices_HashesPINOnce(t *testing.T) {
	const once = 19 << 20
	w := newWorld(t)
	work := map[string]float64{"no PIN at all": allocated(func() { w.is(eve, phone, wrong, false) })}
	for i := range maxDevices {
		w.set(ada, fmt.Sprintf("device-%d", i), fmt.Sprintf("4815%d", i%10))
	}
	work["a PIN on twenty devices"] = allocated(func() { w.is(ada, "device-0", wrong, false) })
	work["a device without one"] = allocated(func() { w.is(ada, phone, wrong, false) })
	work["a right one"] = allocated(func() { w.is(ada, "device-0", "48150", true) })
	for name, bytes := range work {
		if bytes < once || bytes > 1.5*once {
			t.Errorf("%s: %.0f bytes", name, bytes)
		}
	}
}

// earlier is the hash of 12345 for user-1 at costs of long ago, as package pinhash
// tests it.
const earlier tables.EncryptedString = "$argon2id$v=19$m=7168,t=5,p=2$uqTZGhvttqx+sDsz6oJAyQ$ElMNtN1W67goB1mtmrokawyxVVFrLIL/J1Q96oZQBz0"

// put stores a hash for a device as it is.
func (w *world) put(device string, hash tables.EncryptedString) {
	w.t.Helper()
	o, err := w.pins.load(w.t.Context(), ada)
	if err != nil {
		w.t.Fatal(err)
	}
	pin := w.pins.newDevice(o, device)
	pin.Hash = hash
	if err := w.pins.settings.Put(w.t.Context(), o.key, pin); err != nil {
		w.t.Fatal(err)
	}
}

func TestValidate_OutdatedHash_IsReplaced(t *testing.T) {
	w := newWorld(t)
	w.put(phone, earlier)
	before := w.stored(ada, phone)
	w.is(ada, phone, wrong, false)
	if w.stored(ada, phone).Hash != earlier {
		t.Error("a wrong PIN changed the hash")
	}
	w.advance(time.Minute)
	w.is(ada, phone, "12345", true)
	after := w.stored(ada, phone)
	if pinhash.NeedsRehash(after.Hash) || after.CreatedAt != before.CreatedAt || after.UpdatedAt != before.UpdatedAt {
		t.Errorf("stored %+v, %s", after, string(after.Hash))
	}
	w.is(ada, phone, "12345", true)
	w.events.are(t, securityevents.PINWrong)
}

func TestValidate_PINSetMeanwhile_IsKept(t *testing.T) {
	for name, start := range map[string]func(w *world){
		"in place of a former hash": func(w *world) { w.put(phone, earlier) },
		"where there was none":      func(w *world) { w.put(tablet, earlier) },
	} {
		w := newWorld(t)
		start(w)
		o, err := w.pins.load(t.Context(), ada)
		if err != nil {
			t.Fatal(err)
		}
		offered, err := w.pins.candidates(o, phone, "12345")
		if err != nil {
			t.Fatal(err)
		}
		w.advance(time.Second)
		w.set(ada, phone, right)
		set := w.stored(ada, phone)
		if err := w.pins.storeMatch(t.Context(), o, offered); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if now := w.stored(ada, phone); now != set {
			t.Errorf("%s: stored %+v", name, now)
		}
	}
}

func TestValidate_RightPINThatCannotBeStored_Succeeds(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.pins.settings = newSettings(readOnly(t, w.settings))
	w.pins.settings.gate = recovery.NewGate(noWrites{dynamotest.Client(t)}, "users")
	w.is(ada, tablet, right, true)
	if w.status(ada, tablet).HasDevicePIN {
		t.Error("it was kept")
	}
}

func TestValidate_UnreadableHash_CountsNoGuess(t *testing.T) {
	w := newWorld(t)
	w.put(phone, "$argon2id$forged")
	for range 7 {
		_, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, phone})
		if !errors.Is(err, pinhash.ErrMalformed) || apierror.From(err).Status != http.StatusInternalServerError {
			t.Errorf("got %v", err)
		}
	}
	w.set(ada, phone, right)
	w.is(ada, phone, right, true)
	w.events.are(t, securityevents.PINSet)
}

func TestValidate_CounterFails_ComparesNothing(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.pins.guesses.counter = countless{brokenCounter{w.counter}}
	if _, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, phone}); !errors.Is(err, apierror.Unavailable) {
		t.Errorf("got %v", err)
	}
	w.events.are(t, securityevents.PINSet)
}

// brokenCounter is a counter that cannot forget.
type brokenCounter struct{ *attempts.Counter }

func (brokenCounter) ResetFailures(context.Context, ...attempts.AttemptKey) error {
	return errors.New("DynamoDB is down")
}

// countless is one that cannot count either.
type countless struct{ brokenCounter }

func (countless) Check(context.Context, attempts.Guess, func() (attempts.Verdict, error)) error {
	return apierror.Unavailable
}

func TestValidate_SignInAfterFiveWrongPINs_ForgetsThem(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	for range 5 {
		w.is(ada, phone, wrong, false) // and no other device's
	}
	w.advance(time.Second)
	w.accounts.users[ada.UserID].LastLoginAt = w.now().UnixMilli()
	w.is(ada, phone, right, true)
	w.is(ada, "without one", right, true)
}

func TestValidate_WrongPINs_CountForOriginWhateverTheUser(t *testing.T) {
	w := newWorld(t)
	looked := 0
	for i := range 50 {
		// Each user's own guesses are few.
		user := function.Caller{UserID: fmt.Sprint("victim-", i)}
		w.accounts.add(t, user)
		if _, err := w.pins.Validate(w.ctx(), user, validatePINRequest{wrong, phone}); err == nil {
			looked++
		}
	}
	if looked != attempts.PINIP.FreeFailures {
		t.Errorf("%d guesses from one address are looked at", looked)
	}
	w.address = "192.0.2.2"
	w.is(ada, phone, wrong, false)
}

// The request passed the check for revoked tokens before the account was recovered.
func TestPINs_SessionEndedByRecovery_AreNeitherSetNorEnrolled(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	if err := w.users.Put(t.Context(), recovery.Account{UserID: ada.UserID, TrustEndedAt: w.now().Unix()}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pins.Set(t.Context(), ada, setPINRequest{PIN: another, DeviceID: phone, BiometricEnabled: new(bool)}); !errors.Is(err, apierror.Unauthorized) {
		t.Errorf("set: %v", err)
	}
	w.is(ada, tablet, right, true) // by the PIN of the phone
	o, err := w.pins.load(t.Context(), ada)
	if err != nil {
		t.Fatal(err)
	}
	if _, enrolled := o.settings.device(tablet); enrolled {
		t.Error("the tablet is enrolled")
	}
}
