package applock

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var on = true

func TestSetPIN_ReplacesEarlierPIN(t *testing.T) {
	w := newWorld(t)
	answer, err := w.pins.Set(t.Context(), ada, setPINRequest{PIN: another, DeviceID: phone, BiometricEnabled: &on})
	if err != nil || !answer.Success || answer.Message == "" {
		t.Fatalf("got %+v, %v", answer, err)
	}
	first := w.stored(ada, phone)
	if !first.BiometricEnabled || first.CreatedAt != 1_800_000_000_000 || first.UpdatedAt != first.CreatedAt {
		t.Errorf("stored %+v", first)
	}
	w.advance(time.Minute)
	w.set(ada, phone, right)
	w.is(ada, phone, another, false)
	w.is(ada, phone, right, true)
	if now := w.stored(ada, phone); now.BiometricEnabled || now.CreatedAt != first.CreatedAt || now.UpdatedAt != first.UpdatedAt+60_000 {
		t.Errorf("stored %+v", now)
	}
}

func TestPINChanges_AreEmailedToOwner(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, another)
	w.set(ada, phone, right)
	if _, err := w.pins.Change(w.ctx(), ada, changePINRequest{phone, right, another}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pins.Remove(t.Context(), ada, deviceRequest{phone}); err != nil {
		t.Fatal(err)
	}
	if told := w.mails(); !slices.Equal(told, []emailtemplates.PINChange{emailtemplates.PINSet, emailtemplates.PINChanged, emailtemplates.PINChanged, emailtemplates.PINRemoved}) {
		t.Errorf("told %v", told)
	}
	w.events.are(t, securityevents.PINSet, securityevents.PINSet, securityevents.PINSet, securityevents.PINRemoved)
	for i, event := range w.events.noted {
		if event.UserID != ada.UserID || event.DeviceID != phone || w.outbox.Sent()[i].To != "user-1@example.com" {
			t.Errorf("recorded %+v, told %s", event, w.outbox.Sent()[i].To)
		}
	}
}

func TestSetPIN_EmailAndCounterFail_IsStillSet(t *testing.T) {
	w := newWorld(t)
	w.outbox.Err = errors.New("SES is down")
	w.pins.guesses.counter = brokenCounter{w.counter}
	w.set(ada, phone, right)
	w.is(ada, phone, right, true)
}

func TestChangePIN_RequiresOldPIN(t *testing.T) {
	w := newWorld(t)
	if _, err := w.pins.Set(t.Context(), ada, setPINRequest{PIN: right, DeviceID: phone, BiometricEnabled: &on}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pins.Change(w.ctx(), ada, changePINRequest{phone, wrong, another}); !errors.Is(err, errWrongPIN) {
		t.Errorf("got %v", err)
	}
	w.is(ada, phone, right, true)
	if answer, err := w.pins.Change(w.ctx(), ada, changePINRequest{phone, right, another}); err != nil || !answer.Success {
		t.Errorf("got %+v, %v", answer, err)
	}
	w.is(ada, phone, another, true)
	w.is(ada, phone, right, false)
	if !w.stored(ada, phone).BiometricEnabled {
		t.Error("biometrics went with the old PIN")
	}
}

func TestChangePIN_WrongOldPINs_AreCounted(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for i := range 6 {
		_, err := w.pins.Change(w.ctx(), ada, changePINRequest{phone, wrong, another})
		var locked *attempts.LockedError
		if i < 5 && !errors.Is(err, errWrongPIN) || i == 5 && !errors.As(err, &locked) {
			t.Errorf("try %d: %v", i+1, err)
		}
	}
	if _, err := w.pins.Validate(w.ctx(), ada, validatePINRequest{right, phone}); err == nil {
		t.Error("the lock is for changes alone")
	}
}

func TestRemovePIN_AffectsOneDeviceOfOneUser(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, another)
	w.set(eve, phone, another)
	if answer, err := w.pins.Remove(t.Context(), ada, deviceRequest{phone}); err != nil || !answer.Success {
		t.Fatalf("got %+v, %v", answer, err)
	}
	if w.status(ada, phone).HasDevicePIN || !w.status(ada, tablet).HasDevicePIN || !w.status(eve, phone).HasDevicePIN {
		t.Error("another PIN went, or this one stayed")
	}
	for _, caller := range []function.Caller{ada, {UserID: "user-2"}} {
		if _, err := w.pins.Remove(t.Context(), caller, deviceRequest{"no-such-device"}); !errors.Is(err, errNoPIN) {
			t.Errorf("got %v", err)
		}
	}
}

func TestSetPIN_BeyondTwentyDevices_ReplacesOldestPIN(t *testing.T) {
	w := newWorld(t)
	lock := true
	if _, err := w.preferences.Update(t.Context(), ada, updatePreferencesRequest{AppLockEnabled: &lock}); err != nil {
		t.Fatal(err)
	}
	w.set(eve, "device-0", right)
	for i := range maxDevices + 2 {
		w.set(ada, fmt.Sprintf("device-%d", i), right)
		w.advance(time.Second)
		if i == maxDevices-1 { // the first one is set again, before there is one too many
			w.set(ada, "device-0", another)
			w.advance(time.Second)
		}
	}
	for i := range maxDevices + 2 {
		if got, want := w.status(ada, fmt.Sprintf("device-%d", i)).HasDevicePIN, i != 1 && i != 2; got != want {
			t.Errorf("device %d has a PIN: %v", i, got)
		}
	}
	if !w.status(ada, phone).Preferences.AppLockEnabled || !w.status(eve, "device-0").HasDevicePIN {
		t.Error("the preferences or another user's PIN were deleted")
	}
}

func TestStoredPIN_IsNotReadable(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, right)
	w.is(ada, phone, wrong, false)
	w.is(ada, "third", right, true)
	for _, table := range []string{w.settings, w.counts} {
		text := dynamotest.Text(t, table)
		if text == "[]" {
			t.Fatalf("%s is empty", table)
		}
		for _, secret := range []string{"argon2", right, wrong} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s: %s", table, secret, text)
			}
		}
	}
	if hash := string(w.stored(ada, phone).Hash); !strings.HasPrefix(hash, "$argon2id$") {
		t.Errorf("opened, it is %q", hash)
	}
}

func TestSecuritySettings_AreErasedWithAccountAndData(t *testing.T) {
	if !slices.Contains(erasure.Account(), tables.SecuritySettings) || !slices.Contains(erasure.Content(), tables.SecuritySettings) {
		t.Error("PINs stay")
	}
}

func TestPINs_CallerWithoutAccount_AreNotFound(t *testing.T) {
	w, unknownUser := newWorld(t), function.Caller{UserID: "user-3"}
	_, set := w.pins.Set(t.Context(), unknownUser, setPINRequest{PIN: right, DeviceID: phone, BiometricEnabled: new(bool)})
	_, validated := w.pins.Validate(w.ctx(), unknownUser, validatePINRequest{right, phone})
	_, changed := w.pins.Change(w.ctx(), unknownUser, changePINRequest{phone, right, another})
	_, removed := w.pins.Remove(t.Context(), unknownUser, deviceRequest{phone})
	for _, err := range []error{set, validated, changed, removed} {
		if !errors.Is(err, accounts.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPINRequests_Validation(t *testing.T) {
	for body, valid := range map[string][2]bool{ // to set one, to offer one
		`{"pin":"00000","deviceId":"ios__1","biometricEnabled":true}`:  {true, true},
		`{"pin":"12345","deviceId":"ios__1","biometricEnabled":false}`: {true, true},
		`{"pin":"12345","deviceId":"ios__1"}`:                          {false, true},
		`{"pin":"1234","deviceId":"ios__1","biometricEnabled":true}`:   {false, false},
		`{"pin":"12345","biometricEnabled":true}`:                      {false, false},
		`{"deviceId":"ios__1","biometricEnabled":true}`:                {false, false},
		`{"pin":"12345","deviceId":"<b>","biometricEnabled":true}`:     {false, false},
		`{"pin":"12345","deviceId":"\u0000","biometricEnabled":true}`:  {false, false},
	} {
		for i, in := range []any{&setPINRequest{}, &validatePINRequest{}} {
			if err := json.Unmarshal([]byte(body), in); err != nil {
				t.Fatal(err)
			}
			if err := validation.New().Check(in); (err == nil) != valid[i] {
				t.Errorf("%s as %T: %v", body, in, err)
			}
		}
	}
}
