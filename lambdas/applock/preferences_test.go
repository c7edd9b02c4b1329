package applock

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// update changes preferences by the JSON of a request.
func (w *world) update(caller function.Caller, body string) preferencesView {
	w.t.Helper()
	var in updatePreferencesRequest
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		w.t.Fatal(err)
	}
	answer, err := w.preferences.Update(w.t.Context(), caller, in)
	if err != nil || !answer.Success || answer.Message == "" {
		w.t.Fatalf("got %+v, %v", answer, err)
	}
	return answer.Preferences
}

func (w *world) read(caller function.Caller) preferencesView {
	w.t.Helper()
	answer, err := w.preferences.Get(w.t.Context(), caller, function.NoInput{})
	if err != nil || !answer.Success {
		w.t.Fatalf("got %+v, %v", answer, err)
	}
	return answer.Preferences
}

func TestGetPreferences_NeverSet_ReturnsAppDefaults(t *testing.T) {
	w := newWorld(t)
	want := preferencesView{SessionTimeout: 300_000, MaxAttempts: 5}
	if got := w.read(ada); got != want {
		t.Errorf("got %+v", got)
	}
	if got := w.update(ada, `{}`); got != want {
		t.Errorf("asking for nothing made them %+v", got)
	}
}

func TestUpdatePreferences_SomeFields_ChangesOnlyThose(t *testing.T) {
	w := newWorld(t)
	want := preferencesView{AppLockEnabled: true, SessionTimeout: 300_000, MaxAttempts: 5, LastUpdated: 1_800_000_000_000}
	if got := w.update(ada, `{"appLockEnabled":true}`); got != want || w.read(ada) != want {
		t.Errorf("got %+v, then %+v", got, w.read(ada))
	}
	w.advance(time.Minute)
	want = preferencesView{true, true, 60_000, 3, 1_800_000_060_000}
	if got := w.update(ada, `{"biometricEnabled":true,"sessionTimeout":60000,"maxAttempts":3}`); got != want || w.read(ada) != want {
		t.Errorf("got %+v, then %+v", got, w.read(ada))
	}
	if w.read(eve).AppLockEnabled {
		t.Error("another user's preferences changed")
	}
}

// The engine reads consistently whatever it is asked; DynamoDB does not.
func TestSettings_AreReadConsistently(t *testing.T) {
	w := newWorld(t)
	asked := &consistency{Client: dynamotest.Client(t)}
	w.preferences.settings = newSettings(store.New[store.SealedItem](asked, w.settings, tables.SecuritySettings))
	w.read(ada)
	w.status(ada, phone)
	if asked.reads != 2 || asked.consistent != 2 {
		t.Errorf("%d of %d reads are consistent", asked.consistent, asked.reads)
	}
}

// consistency counts how a table is read.
type consistency struct {
	store.Client
	reads, consistent int
}

func (c *consistency) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	c.reads++
	if aws.ToBool(in.ConsistentRead) {
		c.consistent++
	}
	return c.Client.Query(ctx, in, o...)
}

// The app locks itself when the preferences are later than its last unlock.
func TestLastUpdated_OtherChanges_StaysTheSame(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.update(ada, `{"appLockEnabled":true}`)
	before := w.read(ada).LastUpdated
	for name, act := range map[string]func(){
		"a read":                  func() { w.status(ada, phone) },
		"the same value":          func() { w.update(ada, `{"appLockEnabled":true,"maxAttempts":5}`) },
		"a PIN":                   func() { w.set(ada, phone, right) },
		"an unlock":               func() { w.is(ada, phone, right, true) },
		"a wrong PIN":             func() { w.is(ada, phone, wrong, false) },
		"biometrics of a device":  func() { w.biometric(ada, phone, true) },
		"somebody else's setting": func() { w.update(eve, `{"appLockEnabled":true,"maxAttempts":1}`) },
	} {
		w.advance(time.Second)
		act()
		if got := w.status(ada, phone).Preferences.LastUpdated; got != before {
			t.Errorf("%s is an update", name)
		}
	}
	if got := w.update(ada, `{"appLockEnabled":false}`).LastUpdated; got <= before {
		t.Error("a change is none")
	}
}

func TestUpdatePreferences_TwoDevicesAtOnce_KeepsBothChanges(t *testing.T) {
	w := newWorld(t)
	var one, other updatePreferencesRequest
	on, three := true, 3
	one.AppLockEnabled, other.MaxAttempts = &on, &three
	found, err := w.preferences.settings.Of(t.Context(), ada.UserID)
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []updatePreferencesRequest{one, other} { // both as of before the other
		change, _ := in.change(found.preferences)
		if _, err := w.preferences.settings.ChangePreferences(t.Context(), ada.UserID, change); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.read(ada); !got.AppLockEnabled || got.MaxAttempts != 3 || got.SessionTimeout != 300_000 {
		t.Errorf("got %+v", got)
	}
}

func TestStatus_IsOfOneDevice(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for _, try := range []struct {
		lock                string
		caller              function.Caller
		device              string
		hasPIN, needsToHave bool
	}{
		{`{"appLockEnabled":false}`, ada, phone, true, false},
		{`{"appLockEnabled":false}`, ada, tablet, false, false},
		{`{"appLockEnabled":true}`, ada, phone, true, false},
		{`{"appLockEnabled":true}`, ada, tablet, false, true},
		{`{"appLockEnabled":true}`, eve, phone, false, true},
	} {
		set := w.update(try.caller, try.lock)
		want := deviceStatus{try.caller.UserID, try.device, set, try.hasPIN, try.needsToHave}
		if got := w.status(try.caller, try.device); got != want {
			t.Errorf("got %+v, not %+v", got, want)
		}
	}
}

func TestUpdatePreferences_LockTurnedOff_KeepsPINs(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.update(ada, `{"appLockEnabled":true}`)
	w.update(ada, `{"appLockEnabled":false}`)
	if !w.status(ada, phone).HasDevicePIN {
		t.Error("the PIN went with the lock")
	}
	w.is(ada, phone, right, true)
}

func TestUpdatePreferences_LockTurnedOnOrOff_IsRecorded(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{
		`{"appLockEnabled":false}`, `{"appLockEnabled":true}`, `{"appLockEnabled":true}`, `{"maxAttempts":3}`, `{"appLockEnabled":false}`,
	} {
		w.update(ada, body)
	}
	w.events.are(t, securityevents.AppLockOn, securityevents.AppLockOff)
}

func TestPINs_CountDevicesWithoutNamingThem(t *testing.T) {
	w := newWorld(t)
	w.update(ada, `{"appLockEnabled":true}`)
	w.set(eve, phone, right)
	for want, device := range []string{"", phone, tablet} {
		if device != "" {
			w.set(ada, device, right)
		}
		answer, err := w.preferences.PINs(t.Context(), ada, function.NoInput{})
		text, _ := json.Marshal(answer)
		if err != nil || !answer.Success || len(answer.PINs) != want || !strings.Contains(string(text), `"pins":[`) {
			t.Errorf("got %s, %v", text, err)
		}
		for _, secret := range []string{"argon2", right, phone, tablet} {
			if strings.Contains(string(text), secret) {
				t.Errorf("told %s", text)
			}
		}
	}
}

func (w *world) biometric(caller function.Caller, device string, on bool) {
	w.t.Helper()
	if answer, err := w.preferences.SetBiometric(w.t.Context(), caller, setBiometricRequest{device, &on}); err != nil || !answer.Success {
		w.t.Errorf("got %+v, %v", answer, err)
	}
}

func TestSetBiometric_ChangesOneDevice(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	w.set(ada, tablet, right)
	w.advance(time.Second)
	w.biometric(ada, phone, true)
	for device, want := range map[string]deviceView{
		phone:  {ada.UserID, phone, pinView{true, 1_800_000_000_000, 1_800_000_001_000}},
		tablet: {ada.UserID, tablet, pinView{false, 1_800_000_000_000, 1_800_000_000_000}},
	} {
		if got, err := w.preferences.Device(t.Context(), ada, deviceRequest{device}); err != nil || got.Settings != want {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	w.is(ada, phone, right, true)
	w.biometric(ada, phone, false)
	if w.stored(ada, phone).BiometricEnabled {
		t.Error("they are still on")
	}
}

func TestDeviceSettings_DeviceWithoutPIN_AreNotFound(t *testing.T) {
	w := newWorld(t)
	w.set(ada, phone, right)
	for caller, device := range map[function.Caller]string{ada: tablet, eve: phone} {
		if _, err := w.preferences.Device(t.Context(), caller, deviceRequest{device}); !errors.Is(err, errNoPIN) {
			t.Errorf("got %v", err)
		}
		if _, err := w.preferences.SetBiometric(t.Context(), caller, setBiometricRequest{device, &on}); !errors.Is(err, errNoPIN) {
			t.Errorf("got %v", err)
		}
		if w.status(caller, device).HasDevicePIN {
			t.Error("a setting made a PIN")
		}
	}
}

func TestUpdatePreferencesRequest_Validation(t *testing.T) {
	for body, valid := range map[string]bool{
		`{}`:                               true,
		`{"appLockEnabled":null}`:          true,
		`{"sessionTimeout":1000}`:          true,
		`{"sessionTimeout":86400000}`:      true,
		`{"maxAttempts":10}`:               true,
		`{"sessionTimeout":0}`:             false,
		`{"sessionTimeout":-300000}`:       false,
		`{"sessionTimeout":9999999999999}`: false,
		`{"maxAttempts":0}`:                false,
		`{"maxAttempts":1000}`:             false,
	} {
		var in updatePreferencesRequest
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if err := validation.New().Check(&in); (err == nil) != valid {
			t.Errorf("%s: %v", body, err)
		}
	}
}
