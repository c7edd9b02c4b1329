package auth

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/email/emailtest"
	"github.com/expenzez/infrastructure/lambdas/mails"
)

// resetPool is a pool with one user, ada, who has been sent the code 654321.
type resetPool struct {
	sent      []string
	address   string // "" is ada@example.com
	password  string
	signedOut bool
	fails     error
	refuses   error // the right code, too
}

func (p *resetPool) ForgotPassword(_ context.Context, username string) error {
	p.sent = append(p.sent, username)
	return nil
}

func (p *resetPool) ConfirmForgotPassword(_ context.Context, username, code, password string) error {
	if username != "ada" || code != "654321" {
		return errWrongResetCode
	}
	if p.refuses != nil {
		return p.refuses
	}
	p.password = password
	return nil
}

func (p *resetPool) SignOut(context.Context, string) error {
	p.signedOut = true
	return p.fails
}

// Find knows eve, too, who has not confirmed her address.
func (p *resetPool) Find(_ context.Context, username string) (poolUser, bool, error) {
	switch username {
	case "ada":
		return poolUser{ID: "id of ada", Email: cmp.Or(p.address, "ada@example.com")}, true, nil
	case "eve":
		return poolUser{ID: "id of eve", Email: "eve@example.com", Unconfirmed: true}, true, nil
	}
	return poolUser{}, false, nil
}

// revoked notes whose tokens are revoked.
type revoked struct{ user string }

func (r *revoked) Everything(_ context.Context, userID, _ string) error {
	r.user = userID
	return nil
}

func reset(pool *resetPool) (*password, *revoked, *emailtest.Outbox, *fakeCounter) {
	sessions, outbox, counter := &revoked{}, &emailtest.Outbox{}, &fakeCounter{}
	emails := fakeEmails{"ada@example.com": "ada", "eve@example.com": "eve"}
	return &password{
		pool: pool, emails: emails, guesses: guessesBy(counter, pool, emails),
		sessions: sessions, sender: outbox, events: &fakeEvents{}, now: time.Now,
	}, sessions, outbox, counter
}

func TestANewPasswordEndsEverySessionAndTellsTheUser(t *testing.T) {
	pool := &resetPool{}
	p, sessions, outbox, counter := reset(pool)
	for _, identifier := range []string{"ada", "ada@example.com"} {
		if _, err := p.Confirm(t.Context(), newPasswordRequest{identifier, "654321", "Correct-horse-2"}); err != nil {
			t.Fatal(err)
		}
	}
	if pool.password != "Correct-horse-2" || !pool.signedOut || sessions.user != "id of ada" || counter.forgot != 6 {
		t.Errorf("pool %+v, revoked %+v, counter %+v", pool, sessions, counter)
	}
	sent := outbox.Sent()
	if len(sent) != 2 || sent[0].To != "ada@example.com" || sent[0].Message.Name() != (mails.PasswordChanged{}).Name() {
		t.Errorf("sent %v", sent)
	}
}

func TestAWrongResetCodeChangesNothing(t *testing.T) {
	pool := &resetPool{}
	p, sessions, outbox, _ := reset(pool)
	for _, in := range []newPasswordRequest{{"ada", "000000", "Correct-horse-2"}, {"nobody", "654321", "Correct-horse-2"}} {
		if _, err := p.Confirm(t.Context(), in); !errors.Is(err, errWrongResetCode) {
			t.Errorf("%+v: got %v", in.Username, err)
		}
	}
	if pool.password != "" || pool.signedOut || sessions.user != "" || len(outbox.Sent()) != 0 {
		t.Error("something was done")
	}
}

// The password is changed by then, and the code is used.
func TestWhatFailsAfterANewPasswordIsNoFailureOfIt(t *testing.T) {
	pool := &resetPool{fails: errors.New("down")}
	p, sessions, outbox, _ := reset(pool)
	if _, err := p.Confirm(t.Context(), newPasswordRequest{"ada", "654321", "Correct-horse-2"}); err != nil || pool.password == "" {
		t.Errorf("got %v", err)
	}
	if sessions.user != "id of ada" || len(outbox.Sent()) != 1 {
		t.Error("that Cognito ends no sessions keeps ours alive and the user in the dark")
	}
}

func TestNobodyLearnsFromAForgottenPasswordWhoHasAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := &resetPool{}
		p, _, _, _ := reset(pool)
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

// Cognito sends codes to the address in the pool, whoever changed it there.
func TestNothingIsSentToAnAddressThatTheAccountHasByCognitoAlone(t *testing.T) {
	for _, address := range []string{"thief@example.com", "eve@example.com"} {
		synctest.Test(t, func(t *testing.T) {
			pool := &resetPool{address: address}
			p, _, _, _ := reset(pool)
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

func TestThatAUsernameCannotBeSentTellsNobodyWhoHasAnAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := &emailtest.Outbox{Err: errors.New("SES is down")}
		emails := fakeEmails{"ada@example.com": "ada"}
		f := &forgotUsername{emails: emails, pool: &resetPool{}, guesses: anyGuess(emails), sender: outbox}
		if _, err := request(t.Context(), f, (*forgotUsername).Send, usernameRequest{"ada@example.com"}); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestAUsernameIsSentToAConfirmedAddressAndToldToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		outbox := &emailtest.Outbox{}
		emails := fakeEmails{"ada@example.com": "ada", "ADA@example.com": "ada", "eve@example.com": "eve"}
		f := &forgotUsername{emails: emails, pool: &resetPool{}, guesses: anyGuess(emails), sender: outbox}
		var answers []acknowledgement
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
		if len(sent) != 1 || sent[0].To != "ada@example.com" || sent[0].Message != (mails.Username{Username: "ada"}) {
			t.Errorf("sent %v", sent)
		}
	})
}
