package auth

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// disclosingRoutes are the routes that tell whether an account exists. Each function
// calls the route for an existing account or for a missing one.
var disclosingRoutes = map[string]func(t *testing.T, events *fakeEvents, exists bool) (told string, err error){
	"POST /auth/register": func(t *testing.T, events *fakeEvents, exists bool) (string, error) {
		store := &fakeRegistrations{}
		if exists {
			store.claimErr = accounts.ErrEmailTaken
		}
		r := &register{pool: &fakePool{signUp: func(string, string, string) (string, error) { return "user-1", nil }}, store: store, events: events, now: time.Now}
		_, err := recordDisclosures((*register).Register, registerRequest.taken)(r, t.Context(), form())
		return "ada@example.com", err
	},
	"POST /auth/check-user-status": func(t *testing.T, events *fakeEvents, exists bool) (string, error) {
		u := &userStatus{pool: knownUsers{"ada": exists}, events: events}
		_, err := recordDisclosures((*userStatus).Check, userStatusRequest.taken)(u, t.Context(), userStatusRequest{"ada"})
		return "ada", err
	},
	"POST /auth/confirm-signup": func(t *testing.T, events *fakeEvents, exists bool) (string, error) {
		v := &verification{
			guesses: anyGuess(nil), deletions: fakeDeletions{}, events: events,
			pool: &fakePool{confirm: func(string, string) error {
				return map[bool]error{true: userpool.ErrAlreadyConfirmed, false: userpool.ErrWrongSignUpCode}[exists]
			}},
		}
		_, err := recordDisclosures((*verification).Confirm, confirmSignUpRequest.disclosed)(v, t.Context(), confirmSignUpRequest{Username: "ada@example.com", Code: "000000"})
		return "ada@example.com", err
	},
	"POST /auth/confirm-forgot-password": func(t *testing.T, events *fakeEvents, exists bool) (string, error) {
		p, _, _ := resetting(&resetPool{refuses: userpool.ErrExpiredResetCode})
		p.events = events
		name := map[bool]string{true: "ada@example.com", false: "stranger@example.com"}[exists]
		_, err := recordDisclosures((*password).Confirm, newPasswordRequest.disclosed)(p, t.Context(), newPasswordRequest{name, "654321", "Correct-horse-2"})
		return "ada@example.com", err
	},
}

// knownUsers are the usernames that there are.
type knownUsers map[string]bool

func (k knownUsers) Exists(_ context.Context, username string) (bool, error) { return k[username], nil }

func TestDisclosingRoutes_TellingResponse_IsRecorded(t *testing.T) {
	for key, ask := range disclosingRoutes {
		events := &fakeEvents{}
		account, _ := ask(t, events, true)
		want := securityevents.Event{Kind: securityevents.AccountDisclosed, Account: account}
		if !slices.Contains(events.recorded, want) {
			t.Errorf("%s: recorded %+v", key, events.recorded)
		}
		events = &fakeEvents{}
		_, err := ask(t, events, false)
		if slices.ContainsFunc(events.recorded, func(e securityevents.Event) bool { return e.Kind == securityevents.AccountDisclosed }) {
			t.Errorf("%s: no account is told of, and recorded is %+v, %v", key, events.recorded, err)
		}
	}
}

func TestDisclosingRoutes_EachCode_IsRecorded(t *testing.T) {
	in := confirmSignUpRequest{Username: "ada"}
	for err, want := range map[error]string{userpool.ErrAlreadyConfirmed: "ada", userpool.ErrExpiredSignUpCode: "ada", userpool.ErrWrongSignUpCode: "", errors.New("down"): "", nil: ""} {
		if got := in.disclosed(function.SuccessResponse{}, err); got != want {
			t.Errorf("%v tells of %q", err, got)
		}
	}
	if got := form().taken(registerResponse{}, userpool.ErrUsernameTaken); got != "ada" {
		t.Errorf("a username that is taken tells of %q", got)
	}
	if got := (userStatusRequest{"not a username"}).taken(userStatusResponse{Exists: true}, nil); got != "" {
		t.Errorf("a name that no account can have tells of %q", got)
	}
}

// Each route that says so is tested, and listed in docs/security.md.
func TestDisclosingRoutes_AreTestedAndDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "security.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## What the contract makes us tell\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var declared []string
	for _, f := range Domain.Functions {
		for _, route := range f.Routes {
			if !route.Spends(function.Disclosures) {
				continue
			}
			declared = append(declared, route.Key)
			if !strings.Contains(section, "\n| `"+route.Key+"` |") {
				t.Errorf("docs/security.md does not say what %s tells", route.Key)
			}
		}
	}
	slices.Sort(declared)
	if tested := slices.Sorted(maps.Keys(disclosingRoutes)); !slices.Equal(declared, tested) {
		t.Errorf("%v disclose, %v are tested", declared, tested)
	}
}
