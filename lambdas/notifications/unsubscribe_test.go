package notifications

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/awsfake"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/unsubscribe"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// unsubscribeWorld is a stage whose users "ada" and "eve" set their preferences, and use
// links.
type unsubscribeWorld struct {
	*settingsWorld
	links *unsubscribe.Links
	*unsubscribed
}

func newUnsubscribeWorld(t *testing.T) *unsubscribeWorld {
	t.Helper()
	w := &unsubscribeWorld{settingsWorld: newSettings(t), links: unsubscribe.New(awsfake.NewKMS(), "key")}
	w.unsubscribed = &unsubscribed{
		links: w.links, settings: store.New[tables.NotificationPreferencesItem](dynamotest.Client(t), w.items.Name, tables.NotificationSettings),
	}
	return w
}

// token returns the token of a link of a user.
func (w *unsubscribeWorld) token(list unsubscribe.List, user string) string {
	w.t.Helper()
	url, err := w.links.URL(w.t.Context(), "x", list, user)
	must(w.t, err)
	return strings.TrimPrefix(url, "https://x"+unsubscribe.Path)
}

// set stores preferences with a digest, and returns the digest and the revision as they are
// stored.
func (w *unsubscribeWorld) set(user, frequency string, revision int) (string, int) {
	w.t.Helper()
	body := fmt.Sprintf(`{"pushEnabled":true,"transactionAlerts":true,"budgetAlerts":false,"securityAlerts":true,"emailDigest":%q,"emailRevision":%d,"theme":"dark"}`, frequency, revision)
	saved, err := w.SetPreferences(w.t.Context(), caller(user), routetest.MustRead[preferencesRequest](w.t, body, nil))
	must(w.t, err)
	return saved.Preferences.EmailDigest, saved.Preferences.EmailRevision
}

func (w *unsubscribeWorld) leave(token string) error {
	_, err := w.Leave(w.t.Context(), leaveRequest{Token: token, OneClick: "One-Click"})
	return err
}

func TestSetPreferences_Digest_IsOffUnlessChosen(t *testing.T) {
	w := newUnsubscribeWorld(t)
	for _, frequency := range []string{"daily", "weekly", "off"} {
		if got, _ := w.set("ada", frequency, 0); got != frequency {
			t.Errorf("%s: got %s", frequency, got)
		}
	}
	for _, bad := range []string{`"hourly"`, `"Daily"`, `true`} {
		if _, err := routetest.Read[preferencesRequest](`{"pushEnabled":true,"transactionAlerts":true,"budgetAlerts":true,"securityAlerts":true,"emailDigest":`+bad+`}`, nil); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}

func TestLeave_Link_TurnsOffTheDigestAndNothingElse(t *testing.T) {
	w := newUnsubscribeWorld(t)
	w.set("ada", "weekly", 0)
	w.set("eve", "daily", 0)
	for range 3 {
		must(t, w.leave(w.token(unsubscribe.Digest, "ada")))
	}
	if got, want := w.shown(), `{"preferences":{"budgetAlerts":false,"emailDigest":"off","emailRevision":1,"pushEnabled":true,"securityAlerts":true,"theme":"dark","transactionAlerts":true}}`; got != want {
		t.Errorf("the preferences are %s", got)
	}
	if got, _ := w.set("eve", "daily", 0); got != "daily" {
		t.Errorf("the other user has %s", got)
	}
	for _, user := range []string{"gone", "without preferences"} {
		must(t, w.leave(w.token(unsubscribe.Digest, user)))
		if items, err := w.unsubscribed.settings.Query(t.Context(), store.Query{Partition: user, Limit: 1}); err != nil || len(items.Items) != 0 {
			t.Errorf("%s has %+v, %v", user, items.Items, err)
		}
	}
}

// The app sends back the preferences that it read some time ago.
func TestSetPreferences_ReadBeforeALinkWasUsed_LeavesTheDigestOff(t *testing.T) {
	w := newUnsubscribeWorld(t)
	w.set("ada", "daily", 0)
	must(t, w.leave(w.token(unsubscribe.Digest, "ada")))
	if got, revision := w.set("ada", "daily", 0); got != "off" || revision != 1 {
		t.Errorf("a stale request: %s, %d", got, revision)
	}
	if got, revision := w.set("ada", "daily", 1); got != "daily" || revision != 1 {
		t.Errorf("a request that knows of it: %s, %d", got, revision)
	}
	must(t, w.leave(w.token(unsubscribe.Digest, "ada")))
	if got, revision := w.set("ada", "daily", 1); got != "off" || revision != 2 {
		t.Errorf("a stale request: %s, %d", got, revision)
	}
}

func TestSetPreferences_LinkIsUsedMeanwhile_LeavesTheDigestOff(t *testing.T) {
	w := newUnsubscribeWorld(t)
	w.set("ada", "daily", 0)
	stored, err := w.stored(t.Context(), "ada")
	must(t, err)
	must(t, w.leave(w.token(unsubscribe.Digest, "ada")))
	in := routetest.MustRead[preferencesRequest](t, `{"pushEnabled":true,"transactionAlerts":true,"budgetAlerts":true,"securityAlerts":true,"emailDigest":"daily"}`, nil)
	item, unchanged, err := in.replacing(stored, "ada", 1)
	must(t, err)
	if err := w.items.Put(t.Context(), "ada", item, unchanged); !errors.Is(err, store.ErrConditionFailed) {
		t.Errorf("stored over the link: %v", err)
	}
}

func TestLeave_InvalidLinks_HaveTheSameAnswer(t *testing.T) {
	w := newUnsubscribeWorld(t)
	w.set("ada", "daily", 0)
	good := w.token(unsubscribe.Digest, "ada")
	other := unsubscribe.New(awsfake.NewKMS(), "key")
	foreign, err := other.URL(t.Context(), "x", unsubscribe.Digest, "ada")
	must(t, err)
	for name, token := range map[string]string{
		"a user's id": "ada", "another key": strings.TrimPrefix(foreign, "https://x"+unsubscribe.Path), "changed": swapped(good), "cut": good[:30],
		"another list": w.token("other", "ada"), "long": strings.Repeat("A", 5000), "traversal": "../../preferences",
	} {
		if err := w.leave(token); !errors.Is(err, errBadLink) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got := w.shown(); !strings.Contains(got, `"emailDigest":"daily"`) {
		t.Errorf("the preferences are %s", got)
	}
}

// swapped returns a token with another first letter.
func swapped(token string) string {
	if token[0] == 'A' {
		return "B" + token[1:]
	}
	return "A" + token[1:]
}

func TestLeave_OtherForm_IsRefused(t *testing.T) {
	for _, body := range []string{`{}`, `{"List-Unsubscribe":""}`, `{"List-Unsubscribe":"one-click"}`, `{"List-Unsubscribe":"No"}`} {
		if _, err := routetest.Read[leaveRequest](body, func(in *leaveRequest) { in.Token = "t" }); err == nil {
			t.Errorf("%s is taken", body)
		}
	}
	routetest.MustRead[leaveRequest](t, `{"List-Unsubscribe":"One-Click"}`, func(in *leaveRequest) { in.Token = "t" })
}

// Mail programs open links to look for malware.
func TestAsk_AnyLink_HasTheSamePageAndChangesNothing(t *testing.T) {
	w := newUnsubscribeWorld(t)
	w.set("ada", "daily", 0)
	good, err := w.Ask(t.Context(), linkRequest{Token: w.token(unsubscribe.Digest, "ada")})
	must(t, err)
	bad, err := w.Ask(t.Context(), linkRequest{Token: "none"})
	must(t, err)
	if good != bad || !strings.Contains(string(good), `<form method="post"><button name="List-Unsubscribe" value="One-Click">`) {
		t.Errorf("the page is %s", good)
	}
	if got := w.shown(); !strings.Contains(got, `"emailDigest":"daily"`) {
		t.Errorf("the preferences are %s", got)
	}
}
