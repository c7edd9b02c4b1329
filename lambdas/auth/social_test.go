package auth

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestSocialSignIn_NewUser_GetsOneAccount(t *testing.T) {
	w := newWorld()
	first, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
	if err != nil || first.Tokens.AccessToken == "" || !first.NeedsProfileCompletion {
		t.Fatalf("got %+v, %v", first, err)
	}
	account := w.users[first.User.ID]
	if account.Name != "Ada Lovelace" || account.MarketingConsent || account.SubscriptionTier != "free" || !slices.Equal(account.Identities, []string{"apple:001"}) {
		t.Errorf("the account is %s of %q, %q", account.Name, account.SubscriptionTier, account.Identities)
	}
	account.Birthdate = "12/10/1815"
	again, err := w.social().signIn(t.Context(), providerIdentity{provider: "Apple", subject: "001"}) // later, Apple tells no more
	if err != nil || again.User.ID != first.User.ID || again.NeedsProfileCompletion || len(w.users) != 1 {
		t.Errorf("got %+v, %v with %d accounts", again, err, len(w.users))
	}
	if want := []securityevents.Kind{securityevents.Registered, securityevents.SignedIn, securityevents.SignedIn}; !slices.Equal(w.recorded, want) {
		t.Errorf("recorded are %q", w.recorded)
	}
	if len(w.outbox.Sent()) != 0 {
		t.Error("an e-mail was sent")
	}
}

func TestSocialSignIn_ConfirmedAccount_IsLinkedAndUserNotified(t *testing.T) {
	w := newWorld()
	w.register("ada", "ada@example.com", true)
	w.users["id of ada"].OwnerProven = true // by a password that was set with a code
	got, err := w.social().signIn(t.Context(), byApple("ADA@example.com"))
	if err != nil || got.User.ID != "id of ada" || got.NeedsProfileCompletion {
		t.Fatalf("got %+v, %v", got, err)
	}
	if account := w.users["id of ada"]; account.GivenName != "Typed" || w.pool["ada"].password != "the registrant's" || w.pool["ada"].signedOut {
		t.Error("more was changed than the way in")
	}
	sent := w.outbox.Sent()
	if len(sent) != 1 || sent[0].To != "ada@example.com" || sent[0].Message.Name() != "sign_in_linked" {
		t.Errorf("sent %v", sent)
	}
	if want := []securityevents.Kind{securityevents.AccountLinked, securityevents.SignedIn}; !slices.Equal(w.recorded, want) {
		t.Errorf("recorded are %q", w.recorded)
	}
}

// An attacker registered the address of another person, who then signs in.
func TestSocialSignIn_UnconfirmedAccount_GoesToOwnerOfAddress(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", false)
	got, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
	if err != nil || got.User.ID != "id of trap" || !got.NeedsProfileCompletion {
		t.Fatalf("got %+v, %v", got, err)
	}
	expectAdopted(t, w)
}

func expectAdopted(t *testing.T, w *world) {
	t.Helper()
	user, account := w.pool["trap"], w.users["id of trap"]
	if user.password != "nobody's" || user.Unconfirmed {
		t.Errorf("the password is %s, unconfirmed %v", user.password, user.Unconfirmed)
	}
	if account.Name != "Ada Lovelace" || account.Birthdate != "" || account.PhoneNumber != "" || account.MarketingConsent {
		t.Errorf("what a stranger typed is still there: %s", account.Name)
	}
	if account.Email != "ada@example.com" || account.Username != "trap" || account.CreatedAt != 1 {
		t.Error("the account is not the one it was")
	}
	if len(w.users) != 1 {
		t.Errorf("there are %d accounts", len(w.users))
	}
}

func TestSocialSignIn_EndedSessions_ExcludeNewSession(t *testing.T) {
	w := newWorld()
	w.register("trap", "ada@example.com", false)
	began := time.Now()
	s := w.social()
	s.now = func() time.Time { return began }
	if _, err := s.signIn(t.Context(), byApple("ada@example.com")); err != nil {
		t.Fatal(err)
	}
	if !w.pool["trap"].signedOut || !slices.Equal(w.revoked, []string{"id of trap"}) {
		t.Errorf("signed out %v, revoked %q", w.pool["trap"].signedOut, w.revoked)
	}
	if time.Now().Unix() <= began.Unix() {
		t.Error("tokens were issued in the second of the revocation")
	}
}

func TestSocialSignIn_UnverifiedAddress_OpensNothing(t *testing.T) {
	w := newWorld()
	w.register("ada", "ada@example.com", true)
	if _, err := w.social().signIn(t.Context(), byApple("")); !errors.Is(err, errNoVerifiedEmail) {
		t.Errorf("got %v", err)
	}
	if _, err := w.social().signIn(t.Context(), byApple("bob@example.com")); err != nil {
		t.Errorf("a new address: %v", err)
	}
	if len(w.users["id of ada"].Identities) != 0 {
		t.Error("the account was linked")
	}
}

func TestSameAddress_LookalikeLetters_Differ(t *testing.T) {
	for other, same := range map[string]bool{
		"ada@example.com": true, "Ada@EXAMPLE.com": true,
		"\u212ada@example.com": false, "ad\u0430@example.com": false, "ａda@example.com": false, "ada@example.co": false,
	} {
		if sameAddress("ada@example.com", other) != same {
			t.Errorf("%+q is the same: %v", other, !same)
		}
	}
	w := newWorld()
	w.register("kim", "\u212aim@example.com", true) // in lower case, the sign of Kelvin is a "k"
	if _, err := w.social().signIn(t.Context(), byApple("kim@example.com")); !errors.Is(err, errEmailExists) {
		t.Errorf("got %v", err)
	}
}

func TestSocialSignIn_UnrecordedLink_IsNotMade(t *testing.T) {
	w := newWorld()
	w.register("ada", "ada@example.com", true)
	w.unrecorded = apierror.Unavailable
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); !errors.Is(err, apierror.Unavailable) || len(w.identities) != 0 {
		t.Errorf("got %v with %d identities", err, len(w.identities))
	}
}

// The next sign-in completes an interrupted one, and does nothing twice.
func TestSocialSignIn_InterruptedAtAnyStep_IsResumedByNext(t *testing.T) {
	for name, prepare := range map[string]func(*world){
		"somebody new":        func(*world) {},
		"a confirmed account": func(w *world) { w.register("trap", "ada@example.com", true) },
		"a proven account": func(w *world) {
			w.register("ada", "ada@example.com", true)
			w.users["id of ada"].OwnerProven = true
		},
		"an unconfirmed account": func(w *world) { w.register("trap", "ada@example.com", false) },
	} {
		for step := 1; step < 20; step++ {
			w := newWorld()
			prepare(w)
			w.diesAt = step
			_, died := w.social().signIn(t.Context(), byApple("ada@example.com"))
			if died == nil {
				if step < 4 {
					t.Errorf("%s: there were only %d steps", name, step-1)
				}
				break
			}
			got, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
			if err != nil || len(w.users) != 1 || len(w.pool) != 1 || w.identities["apple:001"].UserID != got.User.ID || w.made > 1 {
				t.Errorf("%s, died at step %d: got %+v, %v with %d accounts, %d users", name, step, got.User, err, len(w.users), len(w.pool))
			}
			switch name {
			case "an unconfirmed account":
				expectAdopted(t, w)
			case "a confirmed account":
				if err := w.schedule().Resume(t.Context()); err != nil {
					t.Error(err)
				}
				expectRecovered(t, w)
			}
		}
	}
}

func TestSocialSignIn_AddressChangedBetweenAttempts_CreatesOneAccount(t *testing.T) {
	w := newWorld()
	w.diesAt = 3 // the user is in the pool, with the old address
	if _, err := w.social().signIn(t.Context(), byApple("old@example.com")); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	got, err := w.social().signIn(t.Context(), byApple("new@example.com"))
	if err != nil || got.User.Email != "new@example.com" || w.pool[got.User.Username].Email != "new@example.com" {
		t.Errorf("got %+v, %v", got.User, err)
	}
}

func TestSocialSignIn_IdentityOfDeletedAccount_StartsAnew(t *testing.T) {
	w := newWorld()
	first, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	delete(w.users, first.User.ID)
	delete(w.emails, "ada@example.com")
	w.pool[first.User.Username].ID = "somebody else's" // who took the name that was free
	again, err := w.social().signIn(t.Context(), byApple("ada2@example.com"))
	if err != nil || again.User.ID == first.User.ID || again.User.ID == "somebody else's" {
		t.Errorf("got %+v, %v", again.User, err)
	}
}

func TestSocialSignIn_ReusedUsername_OpensNoOtherAccount(t *testing.T) {
	w := newWorld()
	w.register("ada", "bob@example.com", true)
	w.identities["apple:001"] = tables.UserIdentity{ID: "apple:001", UserID: "id of the ada before", Username: "ada"}
	got, err := w.social().signIn(t.Context(), byApple("ada@example.com"))
	if err != nil || got.User.ID == "id of ada" || got.User.Username == "ada" {
		t.Errorf("signed in %+v, %v", got.User, err)
	}
}

func TestSocialSignIn_DisabledUser_IsRefused(t *testing.T) {
	w := newWorld()
	w.register("ada", "ada@example.com", true)
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); err != nil {
		t.Fatal(err)
	}
	w.pool["ada"].disabled = true
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); !errors.Is(err, userpool.ErrSignInNotAllowed) || w.identities["apple:001"].UserID == "" {
		t.Errorf("got %v", err)
	}
}

func TestSocialSignIn_RegistrationInProgress_ReturnsUnavailable(t *testing.T) {
	w := newWorld()
	w.emails["ada@example.com"] = accounts.Owner{Username: "ada"}
	if _, err := w.social().signIn(t.Context(), byApple("ada@example.com")); !errors.Is(err, apierror.Unavailable) || len(w.pool) != 0 {
		t.Errorf("got %v with %d users", err, len(w.pool))
	}
}

// At 401 the app would renew a session, at 403 and 404 send the request again, and at
// "verify" ask for a code.
func TestSocialErrors_AvoidStatusesThatAppRetries(t *testing.T) {
	for _, refusal := range []*apierror.Error{errInvalidIdentityToken, errNoVerifiedEmail, userpool.ErrSignInNotAllowed, errEmailExists, errNotAuthoritative} {
		if slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, refusal.Status) ||
			strings.Contains(strings.ToLower(refusal.Message), "verif") || strings.Contains(refusal.Message, "not confirmed") {
			t.Errorf("%d %s", refusal.Status, refusal.Message)
		}
	}
}
