package profile

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
)

// forgotten are the users whose messages were deleted.
type forgotten struct {
	users []string
	err   error
}

func (f *forgotten) Forget(_ context.Context, userID string) error {
	f.users = append(f.users, userID)
	return f.err
}

func newTestProfiles(store fakeAccounts) *profiles {
	return &profiles{accounts: store, messages: &forgotten{}, now: func() time.Time { return time.UnixMilli(1_800_000_000_000) }}
}

func updateOf(t *testing.T, text string) updateProfileRequest {
	t.Helper()
	var in updateProfileRequest
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	return in
}

func TestUpdateProfile_Consent_IsKeptWithTimeAndVersionOfText(t *testing.T) {
	store := fakeAccounts{"user-1": ada()}
	p := newTestProfiles(store)
	shown := func() string {
		t.Helper()
		answer, err := p.Get(t.Context(), caller, function.NoInput{})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(answer.Profile.DataRetentionConsent)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, step := range []struct{ sent, shown string }{
		{`{"firstName":"Ada"}`, `null`}, // never asked
		{`{"dataRetentionConsent":{"given":true,"textVersion":"2026-11"}}`, `{"given":true,"textVersion":"2026-11","at":"2027-01-15T08:00:00Z"}`},
		{`{"firstName":"Ada"}`, `{"given":true,"textVersion":"2026-11","at":"2027-01-15T08:00:00Z"}`}, // an edit is no answer
		{`{"dataRetentionConsent":{"given":false,"textVersion":"2026-12"}}`, `{"given":false,"textVersion":"2026-12","at":"2027-01-15T08:00:00Z"}`},
	} {
		if _, err := p.Update(t.Context(), caller, updateOf(t, step.sent)); err != nil {
			t.Fatal(err)
		}
		if got := shown(); got != step.shown || store["user-1"].DataRetentionConsent != strings.Contains(step.shown, "true") {
			t.Errorf("after %s: shown is %s, not %s", step.sent, got, step.shown)
		}
	}
}

func TestUpdateProfile_WithdrawnConsent_DeletesWhatWasKept(t *testing.T) {
	p := newTestProfiles(fakeAccounts{"user-1": ada()})
	kept := &forgotten{}
	p.messages = kept
	for i, step := range []struct {
		sent string
		want int
	}{
		{`{"dataRetentionConsent":{"given":true,"textVersion":"1"}}`, 0},
		{`{"city":"London"}`, 0},
		{`{"dataRetentionConsent":{"given":false,"textVersion":"1"}}`, 1},
		{`{"dataRetentionConsent":{"given":false,"textVersion":"1"}}`, 2}, // the app repeats
	} {
		if _, err := p.Update(t.Context(), caller, updateOf(t, step.sent)); err != nil || len(kept.users) != step.want {
			t.Errorf("step %d: deleted %v, %v", i, kept.users, err)
		}
	}
}

func TestUpdateProfile_FailedDeletion_LeavesConsentWithdrawn(t *testing.T) {
	store := fakeAccounts{"user-1": ada()}
	p := newTestProfiles(store)
	store["user-1"].DataRetentionConsent = true
	p.messages = &forgotten{err: errors.New("no table")}
	if _, err := p.Update(t.Context(), caller, updateOf(t, `{"dataRetentionConsent":{"given":false,"textVersion":"1"}}`)); err == nil || store["user-1"].DataRetentionConsent {
		t.Errorf("got %v, the consent is %v", err, store["user-1"].DataRetentionConsent)
	}
}

func TestUpdateProfile_IncompleteAnswer_IsRefused(t *testing.T) {
	rules := validation.New()
	for _, text := range []string{`{"dataRetentionConsent":{}}`, `{"dataRetentionConsent":{"given":true}}`, `{"dataRetentionConsent":{"textVersion":"1"}}`, `{"dataRetentionConsent":{"given":true,"textVersion":"a text that is too long"}}`} {
		in := updateOf(t, text)
		if err := rules.Check(&in); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
