package devices

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

func TestRegister_ReturnsExpiry(t *testing.T) {
	w := newWorld(t)
	for remember, days := range map[bool]int64{false: 7, true: 30} {
		asked := phone("ios__1")
		asked.RememberMe = &remember
		at := w.at.UnixMilli()
		want := registeredDevice{
			DeviceID: "ios__1", DeviceName: "Ada's iPhone", Platform: "ios",
			RegisteredAt: at, ExpiresAt: at + days*24*3600*1000, RememberMe: remember,
		}
		if got := w.register(in("ada", "s1"), asked); !got.Success || got.Device != want {
			t.Errorf("got %+v", got)
		}
	}
}

func TestRegister_KnownDevice_IsRenewed(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	testkit.Must(t, w.trust("ada", "ios__1"))
	w.at = w.at.Add(24 * time.Hour)
	again := phone("ios__1")
	again.DeviceName, again.AppVersion = "Ada's iPad", "1.9.0"
	w.register(in("ada", "s2"), again)

	want := []listedDevice{{
		DeviceID: "ios__1", DeviceName: "Ada's iPad", Platform: "ios", DeviceType: "tablet", IsTrusted: true,
		FirstSeen: "2027-01-15T08:00:00Z", LastSeen: "2027-01-16T08:01:00Z",
	}}
	if got := w.list("ada"); !got.Success || got.TotalDevices != 1 || !slices.Equal(got.Devices, want) {
		t.Errorf("got %+v", got)
	}
}

func TestRegister_SameIDOfTwoUsers_StoresTwoDevices(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.register(in("eve", "s2"), phone("ios__1"))
	testkit.Must(t, w.trust("eve", "ios__1"))
	if ada, eve := w.list("ada"), w.list("eve"); ada.Devices[0].IsTrusted || !eve.Devices[0].IsTrusted || len(w.ended) > 0 {
		t.Errorf("ada has %+v, eve %+v, ended are %v", ada, eve, w.ended)
	}
}

func TestRegister_NewSession_EndsOldSession(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.register(in("ada", "s1"), phone("ios__1"))
	if len(w.ended) > 0 {
		t.Errorf("the session in use ended: %v", w.ended)
	}
	w.register(in("ada", "s2"), phone("ios__1"))
	if !slices.Equal(w.ended, []string{"retired s1 of ada"}) {
		t.Errorf("ended are %v", w.ended)
	}
	testkit.Must(t, w.revoke("ada", "ios__1"))
	if w.ended[1] != "revoked s2 of ada" {
		t.Errorf("ended are %v", w.ended)
	}
}

// A session that is entered nowhere could not be revoked with its device.
func TestRegister_OldSessionCannotEnd_KeepsOldSession(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.endFails = errBroken
	if _, err := w.tryRegister(in("ada", "s2"), phone("ios__1")); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	w.endFails = nil
	testkit.Must(t, w.revoke("ada", "ios__1"))
	if !slices.Equal(w.ended, []string{"revoked s1 of ada"}) {
		t.Errorf("ended are %v", w.ended)
	}
}

func TestRegister_IsRecordedOncePerSession(t *testing.T) {
	w := newWorld(t)
	for _, session := range []string{"s1", "s1", "s2", "s2"} {
		w.register(in("ada", session), phone("ios__1"))
	}
	want := securityevents.Event{Kind: securityevents.DeviceRegistered, UserID: "ada", DeviceID: "ios__1"}
	if !slices.Equal(w.events, []securityevents.Event{want, want}) {
		t.Errorf("recorded are %+v", w.events)
	}
}

func TestRegister_TooManyDevices_RemovesOldestUntrusted(t *testing.T) {
	w := newWorld(t)
	for i := range maxDevices {
		w.register(in("ada", fmt.Sprint("s", i)), phone(fmt.Sprint("d", i)))
		w.setPIN("ada", fmt.Sprint("d", i))
	}
	testkit.Must(t, w.trust("ada", "d0"))
	if _, err := w.use("ada", "d1"); err != nil {
		t.Fatal(err)
	}
	w.register(in("ada", "new"), phone("new"))
	ids := w.ids("ada")
	if len(ids) != maxDevices || slices.Contains(ids, "d2") || !slices.Contains(ids, "d0") || !slices.Contains(ids, "d1") || !slices.Contains(ids, "new") {
		t.Errorf("the devices are %v", ids)
	}
	if !slices.Equal(w.ended, []string{"retired s2 of ada"}) {
		t.Errorf("ended are %v", w.ended)
	}
	if len(w.ids("eve")) != 0 {
		t.Error("another user has devices")
	}
	if w.hasPIN("ada", "d2") || !w.hasPIN("ada", "d1") || !w.hasPIN("ada", "d3") {
		t.Error("the PIN of the device that gave way stayed, or another went")
	}
}

func TestRegister_AllDevicesTrusted_IsRefused(t *testing.T) {
	w := newWorld(t)
	for i := range maxDevices {
		w.register(in("ada", "s"), phone(fmt.Sprint("d", i)))
		testkit.Must(t, w.trust("ada", fmt.Sprint("d", i)))
	}
	if _, err := w.tryRegister(in("ada", "new"), phone("new")); !errors.Is(err, errTooMany) || len(w.ids("ada")) != maxDevices {
		t.Errorf("got %v", err)
	}
	w.register(in("ada", "s2"), phone("d0")) // a known device needs no room
}

func TestRegister_RemovedDeviceInCallersSession_KeepsSession(t *testing.T) {
	w := newWorld(t)
	for i := range maxDevices + 1 {
		w.register(in("ada", "the one"), phone(fmt.Sprint("d", i)))
	}
	if len(w.ended) > 0 || len(w.ids("ada")) != maxDevices {
		t.Errorf("ended are %v", w.ended)
	}
}

func TestRegister_TrustedMeanwhile_KeepsTrust(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.onEnd = func() { testkit.Must(t, w.trust("ada", "ios__1")) }
	w.register(in("ada", "s2"), phone("ios__1"))
	if !w.list("ada").Devices[0].IsTrusted {
		t.Error("the registration took the trust away")
	}
}

func TestRegister_ParallelRegistrations_LeaveOneSession(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s"), phone("ios__1"))
	var other sync.Once
	w.onEnd = func() { other.Do(func() { w.register(in("ada", "rival"), phone("ios__1")) }) }
	w.register(in("ada", "last"), phone("ios__1"))
	testkit.Must(t, w.revoke("ada", "ios__1"))
	slices.Sort(w.ended)
	if !slices.Equal(slices.Compact(w.ended), []string{"retired rival of ada", "retired s of ada", "revoked last of ada"}) {
		t.Errorf("ended are %v", w.ended)
	}
}

func TestRegister_DeletedAccount_IsNotFound(t *testing.T) {
	w := newWorld(t)
	if _, err := w.tryRegister(in("nobody", "s"), phone("ios__1")); !errors.Is(err, accounts.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if text, err := json.Marshal(w.list("nobody")); err != nil || string(text) != `{"success":true,"devices":[],"totalDevices":0}` {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestRegister_DeviceName_IsStoredEncrypted(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	if stored := dynamotest.Text(t, w.devices); strings.Contains(stored, "iPhone") || !strings.Contains(stored, "ios__1") {
		t.Errorf("stored is %s", stored)
	}
}

func TestRegisterRequest_Validation(t *testing.T) {
	checker := validation.New()
	const rest = `,"appVersion":"1.8.1","rememberMe":false}`
	for body, valid := range map[string]bool{
		`{"deviceId":"ios__1","deviceFingerprint":"aW9z","deviceName":"Ada's iPhone","platform":"ios","userEmail":"test@expenzez.com"` + rest: true,
		`{"deviceId":"d","deviceName":"Pixel 8","platform":"android"` + rest:                                                                  true,
		`{"deviceId":"d","deviceName":"x","platform":"windows"` + rest:                                                                        false,
		`{"deviceId":"a/b","deviceName":"x","platform":"ios"` + rest:                                                                          false,
		`{"deviceName":"x","platform":"ios"` + rest:                                                                                           false,
		`{"deviceId":"d","platform":"ios"` + rest:                                                                                             false,
		`{"deviceId":"d","deviceName":"a\u0000b","platform":"ios"` + rest:                                                                     false,
		`{"deviceId":"d","deviceName":"` + strings.Repeat("x", 201) + `","platform":"ios"` + rest:                                             false,
		`{"deviceId":"d","deviceName":"x","platform":"ios","appVersion":"1.8.1"}`:                                                             false,
		`{"deviceId":"d","deviceName":"x","platform":"ios","rememberMe":true}`:                                                                false,
	} {
		var in registerRequest
		testkit.Must(t, json.Unmarshal([]byte(body), &in))
		if err := checker.Check(&in); (err == nil) != valid {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for _, tc := range []struct{ platform, name, want string }{
		{"ios", "Ada's iPhone", "phone"},
		{"ios", "Ada's iPad", "tablet"},
		{"android", "Galaxy Tab S9", "tablet"},
		{"android", "Tabitha's Pixel", "phone"},
		{"web", "iPad", "desktop"},
	} {
		if got := typeOf(tc.platform, tc.name); got != tc.want {
			t.Errorf("%s is a %s, not a %s", tc.name, got, tc.want)
		}
	}
}

// The request passed the check for revoked tokens before the account was recovered.
func TestRegister_SessionEndedByRecovery_EntersNoDevice(t *testing.T) {
	w := newWorld(t)
	testkit.Must(t, w.users.Put(t.Context(), recovery.Account{UserID: "ada", TrustEndedAt: w.at.Unix()}))
	if _, err := w.tryRegister(in("ada", "s1"), phone("ios__1")); !errors.Is(err, apierror.Unauthorized) || len(w.ids("ada")) != 0 {
		t.Errorf("got %v, devices %q", err, w.ids("ada"))
	}
}
