package devices

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/testkit"
)

func TestList_SessionWithoutDevice_IsShownAndCanBeRevoked(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", "s1", "Expenzez/1 CFNetwork/1490")
	w.register(in("ada", "s1"), phone("ios__1"))
	w.signIn("ada", "s2", "curl/8")
	w.signIn("eve", "s3", "okhttp/4.12.0")
	got := w.list("ada")
	if len(got.Devices) != 2 || got.TotalDevices != 2 || got.Devices[1].DeviceID != "ios__1" {
		t.Fatalf("listed are %+v", got)
	}
	session := got.Devices[0]
	want := listedDevice{
		DeviceID: session.DeviceID, DeviceName: "Unknown device", Platform: "other", DeviceType: "desktop",
		FirstSeen: "2027-01-15T08:02:00Z", LastSeen: "2027-01-15T08:02:00Z",
	}
	if session != want || !strings.HasSuffix(session.DeviceID, "s2") {
		t.Errorf("the session is %+v", session)
	}
	if err := w.revoke("eve", session.DeviceID); !errors.Is(err, errNoDevice) {
		t.Errorf("another user gets %v", err)
	}
	testkit.Must(t, w.revoke("ada", session.DeviceID))
	if !slices.Equal(w.ended, []string{"revoked s2 of ada"}) || !slices.Equal(w.ids("ada"), []string{"ios__1"}) {
		t.Errorf("ended are %v, listed are %v", w.ended, w.ids("ada"))
	}
	if err := w.revoke("ada", session.DeviceID); !errors.Is(err, errNoDevice) {
		t.Errorf("again: %v", err)
	}
}

func TestList_SessionsThatEnded_AreNotShown(t *testing.T) {
	w := newWorld(t)
	for _, session := range []string{"s1", "s2"} { // the device signs in twice
		w.signIn("ada", session, "okhttp/4.12.0")
		w.register(in("ada", session), phone("android__1"))
	}
	if ids := w.ids("ada"); !slices.Equal(ids, []string{"android__1"}) {
		t.Errorf("listed are %v", ids)
	}
	testkit.Must(t, w.revoke("ada", "android__1"))
	if ids := w.ids("ada"); len(ids) > 0 {
		t.Errorf("listed are %v", ids)
	}
}

// A session whose end cannot be entered stays listed, so that it can be revoked again.
func TestRevoke_SessionThatCannotEnd_StaysListed(t *testing.T) {
	w := newWorld(t)
	w.signIn("ada", "s1", "curl/8")
	w.endFails = errBroken
	id := w.ids("ada")[0]
	if err := w.revoke("ada", id); !errors.Is(err, errBroken) || len(w.ids("ada")) != 1 {
		t.Errorf("got %v", err)
	}
	w.endFails = nil
	testkit.Must(t, w.revoke("ada", id))
}
