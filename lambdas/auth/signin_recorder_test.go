package auth

import (
	"errors"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

func TestSignInRecorder_SignIn_RecordsSessionAndReportsNewNetwork(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	for name, signIn := range map[string]func(*signInRecorder) error{
		"password": func(a *signInRecorder) error {
			l := &login{
				accounts: fakeAccounts{"user-1": ada()}, guesses: anyGuess(nil), signIns: a,
				pool: &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return tokensFor("user-1"), nil }},
			}
			ctx := function.WithRequest(t.Context(), function.Request{UserAgent: "okhttp/4.12.0"})
			_, err := l.Login(ctx, loginRequest{Username: "ada", Password: "p"})
			return err
		},
		"provider": func(a *signInRecorder) error {
			w := newWorld()
			w.register("user-1", "ada@example.com", true)
			w.users["user-1"], w.pool["user-1"].ID = ada(), "user-1"
			w.identities["apple:001"] = tables.UserIdentity{ID: "apple:001", UserID: "user-1", Username: "user-1"}
			w.users["user-1"].Identities = []string{"apple:001"}
			s := w.social()
			s.signIns = a
			ctx := function.WithRequest(t.Context(), function.Request{UserAgent: "okhttp/4.12.0"})
			_, err := s.signIn(ctx, byApple(""))
			return err
		},
	} {
		for _, alert := range []bool{false, true} {
			signIns, outbox, events := &fakeSignIns{recorded: signins.Recorded{Alert: alert}}, &emailtest.Outbox{}, &fakeEvents{}
			if err := signIn(&signInRecorder{signIns: signIns, events: events, sender: outbox, now: func() time.Time { return at }}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(signIns.sessions) != 1 || signIns.sessions[0].UserID != "user-1" || signIns.sessions[0].ID != "session of user-1" {
				t.Errorf("%s: the sessions are %+v", name, signIns.sessions)
			}
			want := securityevents.Event{Kind: securityevents.SignedIn, UserID: "user-1"}
			if alert {
				want.Action = securityevents.ActionEmailSent
			}
			if len(events.recorded) != 1 || events.recorded[0] != want {
				t.Errorf("%s: recorded are %+v", name, events.recorded)
			}
			sent := outbox.Sent()
			if len(sent) > 0 != alert {
				t.Errorf("%s: sent %+v", name, sent)
			}
			if alert && (sent[0].To != "ada@example.com" || sent[0].Message != (emailtemplates.NewDevice{Device: "Android device", At: at})) {
				t.Errorf("%s: sent %+v", name, sent)
			}
		}
	}
}

func TestSignInRecorder_FailedRecordOrEmail_LeavesUserSignedIn(t *testing.T) {
	for name, a := range map[string]*signInRecorder{
		"recorded": {signIns: &fakeSignIns{err: errBroken}, sender: &emailtest.Outbox{}},
		"told":     {signIns: &fakeSignIns{recorded: signins.Recorded{Alert: true}}, sender: &emailtest.Outbox{Err: errors.New("SES is down")}},
	} {
		a.events, a.now = &fakeEvents{}, time.Now
		l := &login{
			accounts: fakeAccounts{"user-1": ada()}, guesses: anyGuess(nil), signIns: a,
			pool: &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return tokensFor("user-1"), nil }},
		}
		if got, err := l.Login(t.Context(), loginRequest{Username: "ada", Password: "p"}); err != nil || got.AccessToken == "" {
			t.Errorf("not %s: %v", name, err)
		}
	}
}

func TestSignInRecorder_RefusedSignIn_RecordsNoSession(t *testing.T) {
	signIns := &fakeSignIns{}
	l := &login{
		guesses: anyGuess(nil), signIns: &signInRecorder{signIns: signIns, events: &fakeEvents{}}, events: &fakeEvents{},
		pool: &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return userpool.Tokens{}, userpool.ErrWrongPassword }},
	}
	if _, err := l.Login(t.Context(), loginRequest{Username: "ada", Password: "p"}); !errors.Is(err, userpool.ErrWrongPassword) || len(signIns.sessions) > 0 {
		t.Errorf("got %v, the sessions are %+v", err, signIns.sessions)
	}
}

func TestSignInRecorder_FailedGuessesAndNewOrigin_AreSignals(t *testing.T) {
	for _, earlier := range []int{0, 1} {
		events := &fakeEvents{}
		known := signins.Recorded{Alert: true, NewNetwork: true, NewCountry: true, ElsewhereWithinHour: true}
		l := &login{
			accounts: fakeAccounts{"user-1": ada()}, guesses: guessesBy(&fakeCounter{earlier: earlier}, &fakePool{}, nil), events: events,
			signIns: &signInRecorder{signIns: &fakeSignIns{recorded: known}, events: events, sender: &emailtest.Outbox{}, now: time.Now},
			pool:    &fakePool{signIn: func(string, string) (userpool.Tokens, error) { return tokensFor("user-1"), nil }},
		}
		if _, err := l.Login(t.Context(), loginRequest{Username: "ada", Password: "p"}); err != nil {
			t.Fatal(err)
		}
		want := securityevents.Event{Kind: securityevents.SignedIn, UserID: "user-1", Action: securityevents.ActionEmailSent, Signals: securityevents.Signals{
			NewNetwork: true, NewCountry: true, ElsewhereWithinHour: true, GuessesFailed: earlier > 0,
		}}
		if len(events.recorded) != 1 || events.recorded[0] != want {
			t.Errorf("after %d failures: recorded are %+v", earlier, events.recorded)
		}
	}
}
