package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

const (
	iphone = "ios__1718000000000_k3j9x1"
	ipad   = "ios__1718000000001_a1b2c3"
)

// signedIn is a new user who is signed in with a phone.
type signedIn struct {
	person
	token, id string
}

func newSignedInUser(t *testing.T, username string) signedIn {
	t.Helper()
	p := newUser(t, username)
	session := p.signIn(t)
	user, _ := session.body["user"].(map[string]any)
	token, _ := tokensOf(session)
	id, _ := user["id"].(string)
	return signedIn{p, token, id}
}

func (s signedIn) setPIN(t *testing.T, device, pin string) {
	t.Helper()
	call(t, "POST", "/security/setup-pin", s.token, map[string]any{"pin": pin, "deviceId": device, "biometricEnabled": false}).isDone(t)
}

// offers sends a PIN as the lock screen does.
func (s signedIn) offers(t *testing.T, device, pin string, right bool) {
	t.Helper()
	got := call(t, "POST", "/security/validate-pin", s.token, map[string]any{"pin": pin, "deviceId": device})
	got.is(t, http.StatusOK, "", "")
	if message, _ := got.body["message"].(string); got.body["success"] != right || (message == "") != right {
		t.Errorf("%s at %s answered %s", pin, device, got.text)
	}
}

// status returns the state that the app reads before it locks.
func (s signedIn) status(t *testing.T, device string) (locks, hasPIN, needsPIN bool, lastUpdated float64) {
	t.Helper()
	got := call(t, "GET", "/security/status/"+device, s.token, nil)
	got.is(t, http.StatusOK, "", "")
	status, _ := got.body["status"].(map[string]any)
	preferences, _ := status["preferences"].(map[string]any)
	if got.body["success"] != true || status["userId"] != s.id || status["deviceId"] != device {
		t.Errorf("the status is %s", got.text)
	}
	locks, _ = preferences["appLockEnabled"].(bool)
	hasPIN, _ = status["hasDevicePIN"].(bool)
	needsPIN, _ = status["needsPinSetup"].(bool)
	lastUpdated, _ = preferences["lastUpdated"].(float64)
	return locks, hasPIN, needsPIN, lastUpdated
}

// lock turns the app lock on or off and reads the setting back as the app does.
func (s signedIn) lock(t *testing.T, on bool) {
	t.Helper()
	call(t, "PUT", "/security/preferences", s.token, map[string]any{"appLockEnabled": on}).isDone(t)
	read := call(t, "GET", "/security/preferences", s.token, nil)
	preferences, _ := read.body["preferences"].(map[string]any)
	if read.isDone(t); preferences["appLockEnabled"] != on {
		t.Errorf("read %s", read.text)
	}
}

// appLock enables, uses, changes and disables the lock in the order of the app's calls.
func appLock(t *testing.T) {
	ida := newSignedInUser(t, "ida.rhodes")
	if locks, hasPIN, needsPIN, at := ida.status(t, iphone); locks || hasPIN || needsPIN || at != 0 {
		t.Errorf("at first, the status is %v %v %v %v", locks, hasPIN, needsPIN, at)
	}
	ida.setPIN(t, iphone, "48151")
	if _, hasPIN, _, _ := ida.status(t, iphone); !hasPIN {
		t.Error("the PIN is not there")
	}
	ida.lock(t, true)
	locks, hasPIN, needsPIN, at := ida.status(t, iphone)
	if !locks || !hasPIN || needsPIN || !isNow(at) {
		t.Errorf("enabled, the status is %v %v %v %v", locks, hasPIN, needsPIN, at)
	}
	ida.offers(t, iphone, "48151", true)
	ida.offers(t, iphone, "48152", false)
	ida.offers(t, iphone, "48151", true)
	ida.setPIN(t, iphone, "62342") // the app's way to change it
	ida.offers(t, iphone, "48151", false)
	ida.offers(t, iphone, "62342", true)
	if _, _, _, later := ida.status(t, iphone); later != at {
		t.Errorf("the preferences were updated at %v, and again at %v", at, later)
	}
	ida.lock(t, false)
	if locks, hasPIN, needsPIN, _ := ida.status(t, iphone); locks || !hasPIN || needsPIN {
		t.Errorf("disabled, the status is %v %v %v", locks, hasPIN, needsPIN)
	}
	ida.expectPINEmails(t, "set", "changed")
}

// expectPINEmails fails the test unless the user got exactly these e-mails about PINs,
// in any order.
func (s signedIn) expectPINEmails(t *testing.T, changes ...string) {
	t.Helper()
	var told []string
	for _, message := range mailsTo(t, s.email, " PIN was ") {
		_, change, _ := strings.Cut(message.Subject, " PIN was ")
		told = append(told, change)
	}
	slices.Sort(told)
	slices.Sort(changes)
	if !slices.Equal(told, changes) {
		t.Errorf("told of %v, not %v", told, changes)
	}
}

// strangersPIN tries requests of a user without a PIN who knows the id of the owner's
// device.
func strangersPIN(t *testing.T, stranger, owner signedIn) {
	t.Helper()
	before := call(t, "GET", "/security/settings/"+iphone, owner.token, nil)
	before.is(t, http.StatusOK, "", "")
	if _, hasPIN, _, _ := stranger.status(t, iphone); hasPIN {
		t.Error("the owner's PIN is the stranger's")
	}
	call(t, "GET", "/security/settings/"+iphone, stranger.token, nil).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	call(t, "DELETE", "/security/pin/"+iphone, stranger.token, nil).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	call(t, "PATCH", "/security/biometric", stranger.token, map[string]any{"deviceId": iphone, "biometricEnabled": true}).isNested(t, http.StatusNotFound, "PIN_NOT_FOUND")
	change := call(t, "PATCH", "/security/change-pin", stranger.token, map[string]any{"deviceId": iphone, "oldPin": "48151", "newPin": "62342"})
	change.is(t, http.StatusUnprocessableEntity, "", "The PIN is not right.")
	if after := call(t, "GET", "/security/settings/"+iphone, owner.token, nil); after.text != before.text {
		t.Errorf("the owner's settings were %s and are %s", before.text, after.text)
	}
}

func secondDevice(t *testing.T) {
	jean := newSignedInUser(t, "jean.bartik")
	stranger := newSignedInUser(t, "kay.mcnulty")
	jean.setPIN(t, iphone, "48151")
	jean.lock(t, true)
	if _, hasPIN, needsPIN, _ := jean.status(t, ipad); hasPIN || !needsPIN {
		t.Errorf("on the second device, the status is %v %v", hasPIN, needsPIN)
	}
	// The app chooses device ids, so the same id of another user is another device.
	strangersPIN(t, stranger, jean)
	stranger.offers(t, iphone, "48151", false)
	stranger.setPIN(t, iphone, "99999")
	jean.offers(t, iphone, "99999", false)

	jean.offers(t, ipad, "48151", true)
	if _, hasPIN, needsPIN, _ := jean.status(t, ipad); !hasPIN || needsPIN {
		t.Errorf("having known the PIN, the second device's status is %v %v", hasPIN, needsPIN)
	}
	jean.setPIN(t, ipad, "62342")
	jean.offers(t, iphone, "62342", true)
	jean.offers(t, ipad, "48151", true)
	pins := call(t, "GET", "/security/user-pins", jean.token, nil)
	pins.is(t, http.StatusOK, "", "")
	if entries, _ := pins.body["pins"].([]any); pins.body["success"] != true || len(entries) != 2 || strings.Contains(pins.text, "ios__") {
		t.Errorf("the PINs are %s", pins.text)
	}
}

// riskOfSignIns signs in at home, and after wrong guesses from another country, each time
// with a header that names the other one.
func riskOfSignIns(t *testing.T) {
	sofia := newUser(t, "risk.sofia")
	var session answer
	naming("FR", func() { session = sofia.signIn(t) })
	user, _ := session.body["user"].(map[string]any)
	id, _ := user["id"].(string)
	if got := riskEvents(t, id); !slices.Equal(got, []string{"registered GB 0 none", "signed-in GB 0 none"}) {
		t.Errorf("at home: %q", got)
	}
	from(t, french, func() {
		for range 2 {
			call(t, "POST", "/auth/login", "", map[string]any{"username": sofia.username, "password": "wrong"}).is(t, http.StatusUnauthorized, "", "")
		}
		naming("GB", func() { sofia.signIn(t) })
	})
	got := riskEvents(t, id)
	for _, want := range []string{"signed-in FR 100 email-sent", "suspicious-activity FR 100 email-sent"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	if told := mailsTo(t, sofia.email, "had not seen lately"); len(told) != 1 || strings.Contains(told[0].Text+told[0].HTML, "FR") || strings.Contains(told[0].Text, "France") {
		t.Errorf("the owner was told %+v", told)
	}
}

// naming runs a function whose requests have a header that only the edge may set.
func naming(country string, act func()) {
	home := httpClient
	defer func() { httpClient = home }()
	httpClient = &http.Client{Timeout: home.Timeout, Transport: forgedCountry{country, home.Transport}}
	act()
}

type forgedCountry struct {
	country string
	next    http.RoundTripper
}

// RoundTrip sends the request with the header.
func (f forgedCountry) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("CloudFront-Viewer-Country", f.country)
	if f.next == nil {
		return http.DefaultTransport.RoundTrip(r)
	}
	return f.next.RoundTrip(r)
}

// riskEvents returns the type, country, score and action of a user's events, sorted.
func riskEvents(t *testing.T, userID string) (events []string) {
	t.Helper()
	for _, item := range storedOf(t, tables.SecurityEvents, userID) {
		events = append(events, fmt.Sprint(item["type"], " ", item["country"], " ", item["riskScore"], " ", item["actionTaken"]))
	}
	slices.Sort(events)
	return events
}
