package auth

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// resetPool is a pool with one user, ada, who has been sent the code 654321.
type resetPool struct {
	sent     []string
	username string // "" is ada
	address  string // "" is ada@example.com
	password string
	refuses  error // the right code, too
}

func (p *resetPool) ForgotPassword(_ context.Context, username string) error {
	p.sent = append(p.sent, username)
	return nil
}

func (p *resetPool) ConfirmForgotPassword(_ context.Context, username, code, password string) error {
	if username != cmp.Or(p.username, "ada") || code != "654321" {
		return userpool.ErrWrongResetCode
	}
	if p.refuses != nil {
		return p.refuses
	}
	p.password = password
	return nil
}

// Find knows eve, too, who has not confirmed her address.
func (p *resetPool) Find(_ context.Context, username string) (userpool.User, bool, error) {
	switch username {
	case cmp.Or(p.username, "ada"):
		return userpool.User{ID: "id of " + username, Email: cmp.Or(p.address, "ada@example.com")}, true, nil
	case "eve":
		return userpool.User{ID: "id of eve", Email: "eve@example.com", Unconfirmed: true}, true, nil
	}
	return userpool.User{}, false, nil
}

// resetting returns a world in which ada has an account and can replace her password
// with the code of the pool.
func resetting(pool *resetPool) (*password, *world, *fakeCounter) {
	w, counter := newWorld(), &fakeCounter{}
	w.register("ada", "ada@example.com", true)
	emails := fakeEmails{"ada@example.com": "ada", "eve@example.com": "eve"}
	p := &password{pool: pool, emails: emails, guesses: guessesBy(counter, pool, emails), recoverer: w.recoverer()}
	return p, w, counter
}

func TestConfirmForgotPassword_EndsSessionsAndSendsEmail(t *testing.T) {
	pool := &resetPool{}
	p, w, counter := resetting(pool)
	for _, identifier := range []string{"ada", "ada@example.com"} {
		if _, err := p.Confirm(t.Context(), newPasswordRequest{identifier, "654321", "Correct-horse-2"}); err != nil {
			t.Fatal(err)
		}
	}
	if pool.password != "Correct-horse-2" || !w.pool["ada"].signedOut || !slices.Equal(w.revoked, []string{"id of ada", "id of ada"}) || counter.forgot != 6 {
		t.Errorf("pool %+v, revoked %+v, counter %+v", pool, w.revoked, counter)
	}
	if !w.users["id of ada"].OwnerProven || w.trust["id of ada"] != nil || len(w.pending) != 0 {
		t.Errorf("trusted %+v, pending %v", w.trust["id of ada"], w.pending)
	}
	sent := w.outbox.Sent()
	if len(sent) != 2 || sent[0].To != "ada@example.com" || sent[0].Message.(emailtemplates.PasswordChanged).Ended.String() != "every sign-in, 1 PIN, 20 devices" {
		t.Errorf("sent %v", sent)
	}
}

func TestConfirmForgotPassword_WrongCode_ChangesNothing(t *testing.T) {
	pool := &resetPool{}
	p, w, _ := resetting(pool)
	for _, in := range []newPasswordRequest{{"ada", "000000", "Correct-horse-2"}, {"nobody", "654321", "Correct-horse-2"}} {
		if _, err := p.Confirm(t.Context(), in); !errors.Is(err, userpool.ErrWrongResetCode) {
			t.Errorf("%+v: got %v", in.Username, err)
		}
	}
	if pool.password != "" || len(w.revoked)+len(w.outbox.Sent())+len(w.pending) != 0 {
		t.Error("something was done")
	}
}

// The password is replaced by then, and the code is used.
func TestConfirmForgotPassword_FailureAfterReset_StillSucceeds(t *testing.T) {
	pool := &resetPool{}
	p, w, _ := resetting(pool)
	w.diesAt = 2
	if _, err := p.Confirm(t.Context(), newPasswordRequest{"ada", "654321", "Correct-horse-2"}); err != nil || pool.password == "" {
		t.Errorf("got %v", err)
	}
	if err := w.schedule().Resume(t.Context()); err != nil || len(w.outbox.Sent()) != 1 || !w.pool["ada"].signedOut {
		t.Errorf("the schedule sent %v, %v", w.outbox.Sent(), err)
	}
}

func TestForgotPassword_UnknownAddress_HasSameResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := &resetPool{}
		p, _, _ := resetting(pool)
		known, err := request(t.Context(), p, (*password).Forgot, codeRequest{"ada@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		unknown, err := request(t.Context(), p, (*password).Forgot, codeRequest{"nobody@example.com"})
		if err != nil || known != unknown {
			t.Errorf("answered %+v and %+v, %v", known, unknown, err)
		}
		if !slices.Equal(pool.sent, []string{"ada"}) {
			t.Errorf("Cognito was asked for %q", pool.sent)
		}
	})
}

// Cognito sends codes to the address in the pool, which an attacker may have changed
// there.
func TestForgotPassword_AddressChangedInCognito_SendsNothing(t *testing.T) {
	for _, address := range []string{"thief@example.com", "eve@example.com"} {
		synctest.Test(t, func(t *testing.T) {
			pool := &resetPool{address: address}
			p, _, _ := resetting(pool)
			if _, err := request(t.Context(), p, (*password).Forgot, codeRequest{"ada"}); err != nil || pool.sent != nil {
				t.Errorf("Cognito was asked for %q, %v", pool.sent, err)
			}
			outbox := &emailtest.Outbox{}
			f := &forgotUsername{emails: p.emails, pool: pool, guesses: p.guesses, sender: outbox}
			if _, err := request(t.Context(), f, (*forgotUsername).Send, usernameRequest{"ada@example.com"}); err != nil || len(outbox.Sent()) != 0 {
				t.Errorf("sent %v, %v", outbox.Sent(), err)
			}
		})
	}
}

func TestForgotUsername_FailingSender_HasSameResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := &emailtest.Outbox{Err: errors.New("SES is down")}
		emails := fakeEmails{"ada@example.com": "ada"}
		f := &forgotUsername{emails: emails, pool: &resetPool{}, guesses: anyGuess(emails), sender: outbox}
		if _, err := request(t.Context(), f, (*forgotUsername).Send, usernameRequest{"ada@example.com"}); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestForgotUsername_IsSentToConfirmedAddressOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := &emailtest.Outbox{}
		emails := fakeEmails{"ada@example.com": "ada", "ADA@example.com": "ada", "eve@example.com": "eve"}
		f := &forgotUsername{emails: emails, pool: &resetPool{}, guesses: anyGuess(emails), sender: outbox}
		var answers []function.SuccessResponse
		for _, address := range []string{"ADA@example.com", "eve@example.com", "nobody@example.com"} {
			answer, err := request(t.Context(), f, (*forgotUsername).Send, usernameRequest{address})
			if err != nil {
				t.Fatal(err)
			}
			answers = append(answers, answer)
		}
		if answers[0] != answers[1] || answers[0] != answers[2] {
			t.Errorf("the answers differ: %+v", answers)
		}
		sent := outbox.Sent()
		if len(sent) != 1 || sent[0].To != "ada@example.com" || sent[0].Message != (emailtemplates.Username{Username: "ada"}) {
			t.Errorf("sent %v", sent)
		}
	})
}
