package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// A provider that does not host a mailbox has verified its address once. The owner may
// have changed since.
func TestSocialSignIn_AddressNotHostedByProvider_OpensNoExistingAccount(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"confirmed":   func(w *world) { w.register("ada", "ada@example.com", true) },
		"unconfirmed": func(w *world) { w.register("ada", "ada@example.com", false) },
		"proven": func(w *world) {
			w.register("ada", "ada@example.com", true)
			w.users["id of ada"].OwnerProven = true
		},
	} {
		w := newWorld()
		prepare(w)
		_, err := w.social().signIn(t.Context(), byGoogle("ada@example.com"))
		if !errors.Is(err, errNotAuthoritative) || !strings.Contains(errNotAuthoritative.Message, "password") {
			t.Errorf("%s: got %v", name, err)
		}
		if w.writes != 0 || len(w.identities) != 0 || w.pool["ada"].password != "the registrant's" {
			t.Errorf("%s: %d writes, identities %v", name, w.writes, w.identities)
		}
	}
}

// An account that such an identity created is its own, until the owner of the address
// proves the ownership.
func TestSocialSignIn_AddressNotHostedByProvider_OpensOwnAccountUntilOwnerProves(t *testing.T) {
	for name, prove := range map[string]func(w *world, username string) error{
		"by a code": func(w *world, username string) error {
			p := w.password(username)
			_, err := p.Confirm(t.Context(), newPasswordRequest{username, "654321", "Correct-horse-2"})
			return err
		},
		"by Apple": func(w *world, _ string) error {
			_, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
			return err
		},
	} {
		w := newWorld()
		first, err := w.social().signIn(t.Context(), byGoogle("ada@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := w.social().signIn(t.Context(), byGoogle("")); err != nil || again.User.ID != first.User.ID {
			t.Errorf("%s: before, got %+v, %v", name, again.User, err)
		}
		if err := prove(w, first.User.Username); err != nil {
			t.Fatal(err)
		}
		if _, err := w.social().signIn(t.Context(), byGoogle("ada@example.com")); !errors.Is(err, errNotAuthoritative) {
			t.Errorf("%s: after, got %v", name, err)
		}
		if sent := fmt.Sprint(w.outbox.Sent()); !strings.Contains(sent, "Google") {
			t.Errorf("%s: sent %s", name, sent)
		}
	}
}

// The user who registered may not be the owner of the address, who entered the code.
func TestSocialSignIn_UnprovenPassword_EndsWithEverythingThatItOpened(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", true)
	got, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
	if err != nil || got.User.ID != "id of trap" || got.Tokens.AccessToken == "" {
		t.Fatalf("got %+v, %v", got, err)
	}
	expectRecovered(t, w)
	want := []securityevents.Kind{securityevents.AccountLinked, securityevents.AccountRecovered, securityevents.SignedIn}
	if !slices.Equal(w.recorded, want) {
		t.Errorf("recorded %q", w.recorded)
	}
	sent := w.outbox.Sent()
	if len(sent) != 1 || sent[0].Message.(emailtemplates.AccountRecovered).Ended.String() != "every sign-in, 1 PIN, 20 devices" {
		t.Errorf("sent %v", sent)
	}
	w.pool["trap"].password = "the owner's, by a code"
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); err != nil || w.pool["trap"].password != "the owner's, by a code" {
		t.Errorf("a later sign-in: password %s, %v", w.pool["trap"].password, err)
	}
}

// expectRecovered checks that nothing of the registrant's opens the account any more.
func expectRecovered(t *testing.T, w *world) {
	t.Helper()
	user, account := w.pool["trap"], w.users["id of trap"]
	if user.password != "nobody's" || !user.signedOut || !account.OwnerProven || w.trust[account.UserID] != nil {
		t.Errorf("password %s, signed out %v, proven %v, trusted %+v", user.password, user.signedOut, account.OwnerProven, w.trust[account.UserID])
	}
	if account.GivenName != "Typed" {
		t.Errorf("the data of a confirmed account is gone: %q", account.GivenName)
	}
}

func TestSocialSignIn_ProviderHostsAddressByNow_RecoversAccount(t *testing.T) {
	w := newWorld()
	who := byGoogle("ada@example.com")
	first, err := w.social().signIn(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	w.trust[first.User.ID] = &trusted{pins: 1}
	who.authoritative = true
	again, err := w.social().signIn(t.Context(), who)
	if err != nil || again.User.ID != first.User.ID || again.Tokens.AccessToken == "" {
		t.Fatalf("got %+v, %v", again, err)
	}
	if account := w.users[first.User.ID]; !account.OwnerProven || len(account.Identities) != 1 || w.trust[first.User.ID] != nil {
		t.Errorf("proven %v, identities %q", account.OwnerProven, account.Identities)
	}
}

// A recovery removes the identity from the account between the look-up and the tokens.
func TestSocialSignIn_IdentityRemovedMeanwhile_GetsNoTokens(t *testing.T) {
	w := newWorld()
	first, err := w.social().signIn(t.Context(), byGoogle("ada@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	w.users[first.User.ID].Identities = nil // and the identity still leads there
	if got, err := w.social().signIn(t.Context(), byGoogle("ada@example.com")); !errors.Is(err, errNotAuthoritative) {
		t.Errorf("got %+v, %v", got.User, err)
	}
}

// password replaces the password of the user with the code 654321.
func (w *world) password(username string) *password {
	pool := &resetPool{username: username, address: w.pool[username].Email}
	return &password{pool: pool, emails: fakeEmails{}, guesses: guessesBy(&fakeCounter{}, pool, fakeEmails{}), recoverer: w.recoverer()}
}

// The schedule finishes a recovery that died after any step, and the user gets an
// e-mail.
func TestRecovery_FunctionDiesAtAnyStep_ScheduleFinishes(t *testing.T) {
	for name, recover := range map[string]func(w *world) error{
		"by a code": func(w *world) error {
			p := w.password("trap")
			entry, err := p.replace(t.Context(), namedAccount{username: "trap", userID: "id of trap"}, newPasswordRequest{"trap", "654321", "Correct-horse-2"})
			if err != nil {
				return err
			}
			return p.complete(t.Context(), &entry, w.pool["trap"].User)
		},
		"by Apple": func(w *world) error {
			_, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
			return err
		},
	} {
		steps := 0
		for ; ; steps++ {
			w := newWorld()
			w.register("trap", "ada@example.com", true)
			w.identities["google:666"] = tables.UserIdentity{ID: "google:666", UserID: "id of trap", Username: "trap", Provider: "Google"}
			w.users["id of trap"].Identities = []string{"google:666"}
			w.diesAt = steps + 1
			if recover(w) == nil {
				break
			}
			if err := w.schedule().Resume(t.Context()); err != nil {
				t.Fatalf("%s, died at step %d: %v", name, steps+1, err)
			}
			if len(w.pending) != 0 || w.trust["id of trap"] != nil || !w.pool["trap"].signedOut || w.identities["google:666"].UserID != "" {
				t.Errorf("%s, died at step %d: pending %v, trusted %+v", name, steps+1, w.pending, w.trust["id of trap"])
			}
			if name == "by Apple" && w.pool["trap"].password != "nobody's" {
				t.Errorf("%s, died at step %d: the password is %s", name, steps+1, w.pool["trap"].password)
			}
			if sent := fmt.Sprint(w.outbox.Sent()); !strings.Contains(sent, "1 PIN, 20 devices, sign in with Google") && !strings.Contains(sent, "{1 20 [Google]}") {
				t.Errorf("%s, died at step %d: sent %s", name, steps+1, sent)
			}
		}
		if steps < 6 {
			t.Errorf("%s: there were only %d steps", name, steps)
		}
	}
}

func TestRecovery_WrongCode_EndsNothing(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", true)
	for _, code := range []string{"000000", "111111"} {
		if _, err := w.password("trap").Confirm(t.Context(), newPasswordRequest{"trap", code, "Correct-horse-2"}); !errors.Is(err, userpool.ErrWrongResetCode) {
			t.Errorf("got %v", err)
		}
	}
	if err := w.schedule().Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.trust["id of trap"] == nil || w.pool["trap"].signedOut || len(w.outbox.Sent()) != 0 {
		t.Error("something ended")
	}
}

func TestRecovery_CannotBeEntered_PasswordStays(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", true)
	w.diesAt = 1
	p := w.password("trap")
	if _, err := p.Confirm(t.Context(), newPasswordRequest{"trap", "654321", "Correct-horse-2"}); err == nil || p.pool.(*resetPool).password != "" {
		t.Errorf("got %v", err)
	}
}

func TestUnlinkIdentity_IsRecordedAndTold(t *testing.T) {
	for _, user := range []string{"ada", "ada@example.com"} {
		w := newWorld()
		w.register("ada", "ada@example.com", true)
		w.identities["google:666"] = tables.UserIdentity{ID: "google:666", UserID: "id of ada", Provider: "Google"}
		w.users["id of ada"].Identities = []string{"google:666"}
		s := w.schedule()
		s.emails = fakeEmails{"ada@example.com": "ada"}
		got, err := s.Unlink(t.Context(), unlinkIdentityRequest{User: user, Provider: emailtemplates.Google})
		if err != nil || got.Unlinked != 1 || !slices.Equal(w.revoked, []string{"id of ada"}) {
			t.Errorf("%s: got %+v, %v; revoked %q", user, got, err, w.revoked)
		}
		if sent := w.outbox.Sent(); len(sent) != 1 || sent[0].To != "ada@example.com" || sent[0].Message.Name() != "sign_in_removed" {
			t.Errorf("%s: sent %v", user, sent)
		}
		if !slices.Equal(w.recorded, []securityevents.Kind{securityevents.IdentityUnlinked}) {
			t.Errorf("%s: recorded %q", user, w.recorded)
		}
		if again, err := s.Unlink(t.Context(), unlinkIdentityRequest{User: user, Provider: emailtemplates.Google}); err != nil || again.Unlinked != 0 || len(w.outbox.Sent()) != 1 {
			t.Errorf("%s: repeated, got %+v, %v", user, again, err)
		}
	}
}

func TestUnlinkIdentity_BadCommandOrUnrecorded_UnlinksNothing(t *testing.T) {
	w := newWorld()
	w.register("ada", "ada@example.com", true)
	for _, in := range []unlinkIdentityRequest{{}, {User: "ada"}, {User: "ada", Provider: "Facebook"}, {Provider: emailtemplates.Apple}} {
		if _, err := w.schedule().Unlink(t.Context(), in); !errors.Is(err, errBadCommand) {
			t.Errorf("%+v: got %v", in, err)
		}
	}
	if _, err := w.schedule().Unlink(t.Context(), unlinkIdentityRequest{User: "nobody", Provider: emailtemplates.Apple}); !errors.Is(err, errNoUser) {
		t.Errorf("got %v", err)
	}
	w.unrecorded = apierror.Unavailable
	if _, err := w.schedule().Unlink(t.Context(), unlinkIdentityRequest{User: "ada", Provider: emailtemplates.Apple}); !errors.Is(err, apierror.Unavailable) || len(w.revoked) != 0 {
		t.Errorf("unrecorded: got %v", err)
	}
}
