package notifications

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dynamotest"
	"github.com/expenzez/infrastructure/lambdas/internal/routetest"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed/sealedtest"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// settingsWorld is a stage with the accounts of "ada" and "eve", and a clock that tests
// move.
type settingsWorld struct {
	*settings
	t     *testing.T
	items sealedtest.Table[tables.NotificationSetting]
	at    time.Time
}

func newSettings(t *testing.T) *settingsWorld {
	t.Helper()
	w := &settingsWorld{t: t, at: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	w.items = sealedtest.New[tables.NotificationSetting](t, tables.NotificationSettings, "ada", "eve")
	w.settings = &settings{
		items:  w.items.Table,
		owners: store.New[tables.PushTokenOwner](dynamotest.Client(t), w.items.Name, tables.NotificationSettings),
		now:    func() time.Time { return w.at },
	}
	return w
}

func caller(user string) function.Caller { return function.Caller{UserID: user} }

func pushTokenOf(n int) string { return fmt.Sprintf("ExponentPushToken[%022d]", n) }

func (w *settingsWorld) register(user string, token int) registerResponse {
	w.t.Helper()
	body := fmt.Sprintf(`{"token":%q,"platform":"ios","deviceInfo":{"deviceName":"Phone","osVersion":"18","appVersion":"1.0.0"}}`, pushTokenOf(token))
	got, err := w.Register(w.t.Context(), caller(user), routetest.MustRead[registerRequest](w.t, body, nil))
	must(w.t, err)
	return got
}

// ids returns the ids of a user's tokens, the latest first.
func (w *settingsWorld) ids(user string) (ids []string) {
	w.t.Helper()
	got, err := w.List(w.t.Context(), caller(user), function.NoInput{})
	must(w.t, err)
	for _, token := range got.Tokens {
		ids = append(ids, token.TokenID)
	}
	return ids
}

func TestRegister_AnotherUserOfTheDevice_GetsTheToken(t *testing.T) {
	w := newSettings(t)
	first := w.register("ada", 1)
	w.at = w.at.Add(time.Minute)
	second := w.register("eve", 1)
	if !first.Success || first.TokenID != second.TokenID || !strings.Contains(first.Message, "successfully") {
		t.Errorf("got %+v and %+v", first, second)
	}
	if ada, eve := w.ids("ada"), w.ids("eve"); len(ada) != 0 || !slices.Equal(eve, []string{first.TokenID}) {
		t.Errorf("ada has %v, eve has %v", ada, eve)
	}
	w.at = w.at.Add(time.Minute)
	w.register("ada", 1)
	if ada, eve := w.ids("ada"), w.ids("eve"); len(ada) != 1 || len(eve) != 0 {
		t.Errorf("afterwards ada has %v, eve has %v", ada, eve)
	}
}

// The app registers its token at every unlock.
func TestRegister_SameTokenAgain_IsWrittenOnceADay(t *testing.T) {
	w := newSettings(t)
	w.register("ada", 1)
	version := func() int64 {
		item, err := w.items.Get(t.Context(), store.Key{"ada", tables.PushTokenPrefix + hashOf(pushTokenOf(1))})
		must(t, err)
		return item.BoundAt
	}
	first := version()
	w.at = w.at.Add(23 * time.Hour)
	w.register("ada", 1)
	if version() != first {
		t.Error("the token was written again within a day")
	}
	w.at = w.at.Add(2 * time.Hour)
	w.register("ada", 1)
	if version() != w.at.UnixMilli() {
		t.Error("the token was not written again after a day")
	}
}

func TestRegister_AtOnce_OneItem(t *testing.T) {
	w := newSettings(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { w.register("ada", 1) })
	}
	all.Wait()
	if ids := w.ids("ada"); len(ids) != 1 {
		t.Errorf("got %v", ids)
	}
}

func TestRegister_MoreDevicesThanThereCanBe_OldestGoes(t *testing.T) {
	w := newSettings(t)
	for i := range maxTokens + 2 {
		w.register("ada", i)
		w.at = w.at.Add(time.Minute)
	}
	ids := w.ids("ada")
	if len(ids) != maxTokens || ids[0] != hashOf(pushTokenOf(maxTokens+1)) || slices.Contains(ids, hashOf(pushTokenOf(0))) {
		t.Errorf("got %d, the first is %s", len(ids), ids[0])
	}
}

func TestRegister_OtherTexts_AreRefused(t *testing.T) {
	w := newSettings(t)
	for _, token := range []string{"x", "ExponentPushToken[]", "ExponentPushToken[a b]", "xExponentPushToken[a]", "ExponentPushToken[a]x", "PushToken[a]"} {
		if _, err := w.Register(t.Context(), caller("ada"), registerRequest{Token: token, Platform: "ios"}); !errors.Is(err, errNotExpo) {
			t.Errorf("%q: got %v", token, err)
		}
	}
	if _, err := w.Register(t.Context(), caller("ada"), registerRequest{Token: "ExpoPushToken[a-_1]", Platform: "ios"}); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestRegister_StoredItem_DisclosesNoToken(t *testing.T) {
	w := newSettings(t)
	w.register("ada", 1)
	page, err := w.items.Raw.Query(t.Context(), store.Query{Partition: "ada", Limit: 10})
	must(t, err)
	if text := fmt.Sprint(page.Items); strings.Contains(text, "PushToken[") || strings.Contains(text, "Phone") {
		t.Errorf("stored %s", text)
	}
}

func TestDeactivate_ByIDOrToken_DeletesOwnTokenOnly(t *testing.T) {
	w := newSettings(t)
	for i, in := range []deactivateRequest{{TokenID: hashOf(pushTokenOf(1))}, {Token: pushTokenOf(1)}} {
		w.register("ada", 1)
		if _, err := w.Deactivate(t.Context(), caller("eve"), in); !errors.Is(err, errNoToken) {
			t.Errorf("%d: another user got %v", i, err)
		}
		if _, err := w.Deactivate(t.Context(), caller("ada"), in); err != nil {
			t.Errorf("%d: got %v", i, err)
		}
		if _, err := w.Deactivate(t.Context(), caller("ada"), in); !errors.Is(err, errNoToken) {
			t.Errorf("%d: the second time: %v", i, err)
		}
	}
	if _, err := w.Deactivate(t.Context(), caller("ada"), deactivateRequest{}); !errors.Is(err, errNoToken) {
		t.Errorf("without a token: %v", err)
	}
}

func (w *settingsWorld) shown() string {
	w.t.Helper()
	got, err := w.Preferences(w.t.Context(), caller("ada"), function.NoInput{})
	must(w.t, err)
	text, err := json.Marshal(got)
	must(w.t, err)
	return string(text)
}

func TestPreferences_NewUser_HasDefaults(t *testing.T) {
	want := `{"preferences":{"budgetAlerts":true,"emailDigest":"off","emailRevision":0,"pushEnabled":true,"securityAlerts":true,"transactionAlerts":true}}`
	if got := newSettings(t).shown(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestSetPreferences_UnknownKeys_ComeBack(t *testing.T) {
	w := newSettings(t)
	in := routetest.MustRead[preferencesRequest](t, `{"pushEnabled":false,"transactionAlerts":true,"budgetAlerts":false,"securityAlerts":false,
		"theme":"dark","count":3,"none":null}`, nil)
	saved, err := w.SetPreferences(t.Context(), caller("ada"), in)
	must(t, err)
	text, _ := json.Marshal(saved.Preferences)
	want := `{"budgetAlerts":false,"count":3,"emailDigest":"off","emailRevision":0,"none":null,"pushEnabled":false,"securityAlerts":true,"theme":"dark","transactionAlerts":true}`
	if string(text) != want || w.shown() != `{"preferences":`+want+`}` {
		t.Errorf("saved %s, then shown %s", text, w.shown())
	}
}

func TestSetPreferences_BadKeys_AreRefused(t *testing.T) {
	const known = `"pushEnabled":true,"transactionAlerts":true,"budgetAlerts":true,"securityAlerts":true`
	many := ""
	for i := range maxOthers + 1 {
		many += fmt.Sprintf(`,"k%d":1`, i)
	}
	for _, more := range []string{`,"a":{}`, `,"a":[1]`, `,"a b":1`, `,"":1`, `,"a":"<script>"`, `,"a":"` + strings.Repeat("x", maxOtherText+1) + `"`, `,"` + strings.Repeat("x", 51) + `":1`, many} {
		if _, err := routetest.Read[preferencesRequest]("{"+known+more+"}", nil); err == nil {
			t.Errorf("%s is taken", more)
		}
	}
	if _, err := routetest.Read[preferencesRequest](`{"pushEnabled":true}`, nil); err == nil {
		t.Error("a part of the preferences is taken")
	}
}
