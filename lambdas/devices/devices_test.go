package devices

import (
	"errors"
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
)

func TestDeviceRoutes_DeviceOfAnotherUser_IsNotFound(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	before := w.list("ada")
	w.events = nil
	for name, act := range map[string]func(id string) error{
		"revoke": func(id string) error { return w.revoke("eve", id) },
		"trust":  func(id string) error { return w.trust("eve", id) },
		"use":    func(id string) error { _, err := w.use("eve", id); return err },
	} {
		for _, id := range []string{"ios__1", "no such device"} {
			if err := act(id); !errors.Is(err, errNoDevice) {
				t.Errorf("%s of %s: got %v", name, id, err)
			}
		}
	}
	if after := w.list("ada"); !slices.Equal(after.Devices, before.Devices) || len(w.ended) > 0 || len(w.events) > 0 {
		t.Errorf("the device is %+v, ended are %v, recorded %v", after, w.ended, w.events)
	}
	if w.list("eve").TotalDevices != 0 {
		t.Error("eve has got a device")
	}
}

func TestRevoke_RemovesDeviceAndEndsSession(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("first"))
	w.register(in("ada", "s2"), phone("second"))
	w.events = nil
	testkit.Must(t, w.revoke("ada", "first"))
	if !slices.Equal(w.ids("ada"), []string{"second"}) || !slices.Equal(w.ended, []string{"revoked s1 of ada"}) {
		t.Errorf("left are %v, ended %v", w.ids("ada"), w.ended)
	}
	if want := []securityevents.Event{{Kind: securityevents.DeviceRevoked, UserID: "ada", DeviceID: "first"}}; !slices.Equal(w.events, want) {
		t.Errorf("recorded are %+v", w.events)
	}
	if err := w.revoke("ada", "first"); !errors.Is(err, errNoDevice) {
		t.Errorf("revoked again: got %v", err)
	}
}

// A PIN opens the lock on each of its user's devices, so that of a lost phone must
// go with it.
func TestRevoke_RemovesPINOfThatDeviceOnly(t *testing.T) {
	w := newWorld(t)
	for _, device := range []struct{ user, id string }{{"ada", "phone"}, {"ada", "tablet"}, {"eve", "phone"}} {
		w.register(in(device.user, "s of "+device.id), phone(device.id))
		w.setPIN(device.user, device.id)
	}
	testkit.Must(t, w.revoke("ada", "phone"))
	if w.hasPIN("ada", "phone") || !w.hasPIN("ada", "tablet") || !w.hasPIN("eve", "phone") {
		t.Error("the PIN stayed, or another went")
	}
}

func TestPIN_RevocationFails_IsKept(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.setPIN("ada", "ios__1")
	w.register(in("ada", "s2"), phone("ios__1"))
	w.endFails = errBroken
	if err := w.revoke("ada", "ios__1"); !errors.Is(err, errBroken) || !w.hasPIN("ada", "ios__1") {
		t.Errorf("got %v, or the PIN went", err)
	}
}

func TestRevoke_SessionCannotEnd_KeepsDeviceListed(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.events, w.endFails = nil, errBroken
	if err := w.revoke("ada", "ios__1"); !errors.Is(err, errBroken) || len(w.events) > 0 {
		t.Errorf("got %v, recorded are %v", err, w.events)
	}
	if len(w.ids("ada")) != 1 {
		t.Error("nothing leads to the session any more")
	}
}

func TestRevoke_DeviceRegistersMeanwhile_EndsNewSessionToo(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.onEnd = func() { w.register(in("ada", "s2"), phone("ios__1")) }
	testkit.Must(t, w.revoke("ada", "ios__1"))
	if !slices.Contains(w.ended, "revoked s1 of ada") || !slices.Contains(w.ended, "revoked s2 of ada") || len(w.ids("ada")) != 0 {
		t.Errorf("ended are %v, left %v", w.ended, w.ids("ada"))
	}
}

func TestRevoke_RevokedMeanwhile_Succeeds(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.onEnd = func() { testkit.Must(t, w.revoke("ada", "ios__1")) }
	testkit.Must(t, w.revoke("ada", "ios__1"))
}

func TestRevoke_DeviceKeepsChanging_IsUnavailable(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s0"), phone("ios__1"))
	sessions := 0
	var again func()
	again = func() {
		sessions++
		w.register(in("ada", string(rune('a'+sessions))), phone("ios__1"))
		w.onEnd = again
	}
	w.onEnd = again
	if err := w.revoke("ada", "ios__1"); !errors.Is(err, apierror.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestTrust_IsStoredAndRecorded(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("ios__1"))
	w.events = nil
	testkit.Must(t, w.trust("ada", "ios__1"))
	if !w.list("ada").Devices[0].IsTrusted {
		t.Error("the device is not trusted")
	}
	if want := []securityevents.Event{{Kind: securityevents.DeviceTrusted, UserID: "ada", DeviceID: "ios__1"}}; !slices.Equal(w.events, want) {
		t.Errorf("recorded are %+v", w.events)
	}
}

func TestList_SortsByLastUse(t *testing.T) {
	w := newWorld(t)
	w.register(in("ada", "s1"), phone("first"))
	w.register(in("ada", "s2"), phone("second"))
	answer, err := w.use("ada", "first")
	testkit.Must(t, err)
	if !answer.Success || answer.LastUsed != w.at.UnixMilli() {
		t.Errorf("got %+v", answer)
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"first", "second"}) {
		t.Errorf("listed are %v", ids)
	}
}

func TestList_WebDevice_IsOther(t *testing.T) {
	w := newWorld(t)
	browser := phone("w")
	browser.DeviceName, browser.Platform = "Firefox", "web"
	w.register(in("ada", "s1"), browser)
	if got := w.list("ada").Devices[0]; got.Platform != "other" || got.DeviceType != "desktop" {
		t.Errorf("got %+v", got)
	}
}
