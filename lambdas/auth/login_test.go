package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func ada() *tables.User {
	return &tables.User{
		UserID: "user-1", Username: "ada", Email: "ada@example.com",
		Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace",
	}
}

func TestLogin_UsernameOrAddress_IsTakenInEitherField(t *testing.T) {
	for _, in := range []loginRequest{
		{Username: "ada"}, {Email: "ada"}, {Email: "ada@example.com"}, {Username: "ada@example.com"},
	} {
		l := &login{
			accounts: fakeAccounts{"user-1": ada()},
			guesses:  anyGuess(fakeEmails{"ada@example.com": "ada"}),
			signIns:  fakeSignInRecorder(&fakeEvents{}),
			pool: &fakePool{signIn: func(username, _ string) (userpool.Tokens, error) {
				if username != "ada" {
					return userpool.Tokens{}, fmt.Errorf("signed in as %q", username)
				}
				return tokensFor("user-1"), nil
			}},
		}
		got, err := l.Login(context.Background(), in)
		if err != nil {
			t.Errorf("%+v: %v", in, err)
		}
		if u := got.User; u.ID != "user-1" || u.UserID != u.ID || u.Sub != u.ID {
			t.Errorf("%+v: ids are %q, %q, %q", in, u.ID, u.UserID, u.Sub)
		}
	}
}

func TestSessionResponse_TokensAreTopLevelFields(t *testing.T) {
	text, err := json.Marshal(sessionResponse{Tokens: tokensFor("user-1"), User: userOf(ada())})
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]any
	if err := json.Unmarshal(text, &flat); err != nil {
		t.Fatal(err)
	}
	if flat["accessToken"] == nil || flat["refreshToken"] != "refresh" || flat["user"] == nil {
		t.Errorf("got %s", text)
	}
}

func TestLogin_UserWithoutAccount_ReturnsWrongPassword(t *testing.T) {
	l := &login{
		accounts: fakeAccounts{}, guesses: anyGuess(nil), events: &fakeEvents{},
		pool: &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return tokensFor("stranger"), nil }},
	}
	if _, err := l.Login(context.Background(), loginRequest{Username: "stranger"}); !errors.Is(err, userpool.ErrWrongPassword) {
		t.Errorf("got %v", err)
	}
}

func TestConfirm_TakesUsernameOrAddress(t *testing.T) {
	for _, identifier := range []string{"ada", "ada@example.com"} {
		v := &verification{
			guesses: anyGuess(fakeEmails{"ada@example.com": "ada"}), deletions: fakeDeletions{},
			pool: &fakePool{confirm: func(username, code string) error {
				if username != "ada" || code != "123456" {
					return userpool.ErrWrongSignUpCode
				}
				return nil
			}},
		}
		if _, err := v.Confirm(context.Background(), confirmSignUpRequest{Username: identifier, Code: "123456"}); err != nil {
			t.Errorf("%s: %v", identifier, err)
		}
	}
}

func TestResend_TakesEitherField(t *testing.T) {
	for _, in := range []resendCodeRequest{{Username: "ada"}, {Email: "ada@example.com"}} {
		synctest.Test(t, func(t *testing.T) {
			var sent string
			v := &verification{
				guesses: anyGuess(fakeEmails{"ada@example.com": "ada"}),
				pool:    &fakePool{resend: func(username string) error { sent = username; return nil }},
			}
			if _, err := request(t.Context(), v, (*verification).Resend, in); err != nil || sent != "ada" {
				t.Errorf("%+v: sent to %q, %v", in, sent, err)
			}
		})
	}
}

func TestLogin_Outcome_IsRecorded(t *testing.T) {
	for name, tc := range map[string]struct {
		password error
		locked   error
		want     []securityevents.Event
	}{
		"right":          {nil, nil, []securityevents.Event{{Kind: securityevents.SignedIn, UserID: "user-1"}}},
		"wrong":          {userpool.ErrWrongPassword, nil, []securityevents.Event{{Kind: securityevents.SignInFailed, Account: "ada"}}},
		"locked":         {nil, &attempts.LockedError{}, []securityevents.Event{{Kind: securityevents.SignInLocked, Account: "ada"}}},
		"locked by pool": {userpool.ErrTooManyAttempts, nil, []securityevents.Event{{Kind: securityevents.SignInLocked, Account: "ada"}}},
		"not confirmed":  {userpool.ErrNotConfirmed, nil, []securityevents.Event{{Kind: securityevents.AccountDisclosed, Account: "ada"}}},
		"down":           {errors.New("down"), nil, nil},
	} {
		events := &fakeEvents{}
		l := &login{
			accounts: fakeAccounts{"user-1": ada()}, events: events, signIns: fakeSignInRecorder(events),
			guesses: guessesBy(&fakeCounter{locked: tc.locked}, &fakePool{}, nil),
			pool:    &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return tokensFor("user-1"), tc.password }},
		}
		_, err := l.Login(t.Context(), loginRequest{Username: "ada", Password: "p"})
		if wanted := errors.Join(tc.password, tc.locked); (err == nil) != (wanted == nil) || !reflect.DeepEqual(events.recorded, tc.want) {
			t.Errorf("%s: recorded %+v, answered %v", name, events.recorded, err)
		}
	}
}

func TestConfirm_GuessedCode_IsRecorded(t *testing.T) {
	for name, tc := range map[string]struct {
		code, locked error
		want         []securityevents.Event
	}{
		"wrong":             {code: userpool.ErrWrongSignUpCode, want: []securityevents.Event{{Kind: securityevents.CodeWrong, Account: "ada"}}},
		"wrong for a reset": {code: userpool.ErrWrongResetCode, want: []securityevents.Event{{Kind: securityevents.CodeWrong, Account: "ada"}}},
		"locked":            {locked: &attempts.LockedError{}, want: []securityevents.Event{{Kind: securityevents.CodeLocked, Account: "ada"}}},
		"expired":           {code: userpool.ErrExpiredSignUpCode},
		"down":              {code: errBroken},
	} {
		confirmed, reset := &fakeEvents{}, &fakeEvents{}
		emails := fakeEmails{"ada@example.com": "ada"}
		limited := guessesBy(&fakeCounter{locked: tc.locked}, &fakePool{}, emails)
		v := &verification{guesses: limited, events: confirmed, pool: &fakePool{confirm: func(string, string) error { return tc.code }}}
		_, err1 := v.Confirm(t.Context(), confirmSignUpRequest{Username: "ada@example.com", Code: "123456"})
		p := &password{emails: emails, guesses: limited, pool: &resetPool{refuses: tc.code}, recoverer: newWorld().recoverer()}
		p.events = reset
		_, err2 := p.Confirm(t.Context(), newPasswordRequest{Username: "ada@example.com", ConfirmationCode: "654321", NewPassword: "Correct-horse-2"})
		if want := cmp.Or(tc.code, tc.locked); !errors.Is(err1, want) || !errors.Is(err2, want) {
			t.Errorf("%s: answered %v and %v", name, err1, err2)
		}
		if !slices.Equal(confirmed.recorded, tc.want) || !slices.Equal(reset.recorded, tc.want) {
			t.Errorf("%s: recorded %+v and %+v", name, confirmed.recorded, reset.recorded)
		}
	}
}
