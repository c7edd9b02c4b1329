package e2e_test

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// state is the app's whole progress, which it sends after a reward.
func state(xp int, lastActions map[string]string) map[string]any {
	return map[string]any{
		"totalXP": xp, "level": xp/100 + 1, "dailyXP": xp, "weeklyXP": 0, "monthlyXP": 0,
		"lastActions": lastActions, "lastResetDate": time.Now().UTC().Format(time.DateOnly),
	}
}

// totalXP fails the test unless the response is a progress, and returns its points.
func (a answer) totalXP(t *testing.T) float64 {
	t.Helper()
	a.is(t, http.StatusOK, "", "")
	progress, _ := a.body["userProgress"].(map[string]any)
	total, _ := progress["totalXP"].(float64)
	return total
}

// progressed earns points on two devices in parallel, and tries to claim more.
func progressed(t *testing.T) {
	vera := newUser(t, "vera.rubin")
	phone, _ := tokensOf(vera.signIn(t))
	tablet, _ := tokensOf(vera.signIn(t))
	if none := call(t, "GET", "/profile/progress", phone, nil); none.totalXP(t) != 0 {
		t.Errorf("a new user has %s", none.text)
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	var both sync.WaitGroup
	for _, device := range []struct{ token, action string }{{phone, "add-expense"}, {tablet, "add-income"}} {
		both.Go(func() {
			send(t, "PUT", "/profile/progress", device.token, state(5, map[string]string{device.action: now}))
		})
	}
	both.Wait()
	if got := call(t, "GET", "/profile/progress", phone, nil); got.totalXP(t) != 10 {
		t.Errorf("of two devices' rewards there are %s", got.text)
	}
	tomorrow := time.Now().Add(25 * time.Hour).UTC().Format(time.RFC3339)
	for _, lie := range []map[string]any{
		state(1_000_000, map[string]string{"add-expense": now}),
		state(5, map[string]string{"add-expense": tomorrow, "make-me-rich": now}),
		state(0, map[string]string{}),
	} {
		if got := call(t, "PUT", "/profile/progress", phone, lie); got.totalXP(t) != 10 {
			t.Errorf("%v made %s", lie, got.text)
		}
	}
	if got := call(t, "PUT", "/profile/progress", tablet, state(60, map[string]string{"transaction-25": now})); got.totalXP(t) != 60 {
		t.Errorf("a milestone made %s", got.text)
	}
	for _, malformed := range []any{`{}`, `{"lastActions":{"add-expense":"yesterday"}}`, `{"lastActions":[]}`, `{"lastActions":{},"lastResetDate":"now"}`} {
		got := call(t, "PUT", "/profile/progress", phone, malformed)
		if got.status != http.StatusUnprocessableEntity || got.body["error"] != nil {
			t.Errorf("%s answered %d %s", malformed, got.status, got.text)
		}
	}
	// An erasure of data deletes the progress as well.
	call(t, "DELETE", "/user/data", phone, map[string]any{"confirm": "DELETE_ALL_DATA"}).is(t, http.StatusOK, "", "")
	if got := call(t, "GET", "/profile/progress", tablet, nil); got.totalXP(t) != 0 {
		t.Errorf("after erasure there are %s", got.text)
	}
	// The app sends its remembered progress again.
	if got := call(t, "PUT", "/profile/progress", phone, state(60, map[string]string{"add-expense": now, "transaction-25": now})); got.totalXP(t) != 0 {
		t.Errorf("the erased progress is back: %s", got.text)
	}
	again := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	if got := call(t, "PUT", "/profile/progress", phone, state(5, map[string]string{"add-expense": again})); got.totalXP(t) != 5 {
		t.Errorf("a new beginning made %s", got.text)
	}
}
