package auth

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

func TestGuesses_ResultOfCognito_DecidesCount(t *testing.T) {
	for name, tc := range map[string]struct {
		err                 error
		succeeded, refunded int
	}{
		"right":               {nil, 1, 0},
		"a wrong password":    {userpool.ErrWrongPassword.Because(errors.New("Cognito")), 0, 0},
		"a wrong code":        {userpool.ErrWrongSignUpCode, 0, 0},
		"a wrong reset code":  {userpool.ErrWrongResetCode, 0, 0},
		"an expired code":     {userpool.ErrExpiredSignUpCode, 0, 0},
		"an expired reset":    {userpool.ErrExpiredResetCode, 0, 0},
		"a weak new password": {userpool.ErrWeakNewPassword, 0, 0},
		"Cognito's own limit": {userpool.ErrTooManyAttempts.Because(&types.LimitExceededException{}), 0, 0},
		"Cognito's rate":      {userpool.ErrTooManyAttempts.Because(&types.TooManyRequestsException{}), 0, 1},
		"not confirmed":       {userpool.ErrNotConfirmed, 0, 1},
		"a reset is required": {userpool.ErrPasswordResetRequired, 0, 1},
		"Cognito is down":     {errors.New("down"), 0, 1},
		"we are":              {apierror.Unavailable, 0, 1},
	} {
		counter := &fakeCounter{}
		g := guessesBy(counter, &fakePool{}, nil)
		if _, err := g.check(t.Context(), attempts.Passwords, namedAccount{limitKey: "ada"}, func() error { return tc.err }); !errors.Is(err, tc.err) {
			t.Errorf("%s: got %v", name, err)
		}
		if counter.reserved != 1 || counter.succeeded != tc.succeeded || counter.refunded != tc.refunded {
			t.Errorf("%s: %+v", name, counter)
		}
	}
}

func TestGuesses_LockedSecret_IsNotChecked(t *testing.T) {
	g := guessesBy(&fakeCounter{locked: apierror.TooMany}, &fakePool{}, nil)
	looked := false
	for _, secret := range []attempts.Secret{attempts.Passwords, attempts.SignUpCodes, attempts.ResetCodes} {
		_, err := g.check(t.Context(), secret, namedAccount{limitKey: "ada"}, func() error { looked = true; return nil })
		if !errors.Is(err, apierror.TooMany) {
			t.Errorf("got %v", err)
		}
	}
	if err := g.countMailRequest(t.Context(), namedAccount{limitKey: "ada"}); !errors.Is(err, apierror.TooMany) {
		t.Errorf("got %v", err)
	}
	if looked {
		t.Error("the secret was looked at")
	}
}

// namePool knows ada by every name that Cognito takes.
type namePool struct{ *fakePool }

func (namePool) Find(_ context.Context, name string) (userpool.User, bool, error) {
	switch name {
	case "ada", "ADA", "id of ada":
		return userpool.User{ID: "id of ada", Username: "ada"}, true, nil
	}
	return userpool.User{}, false, nil
}

func TestGuesses_EveryNameOfAccount_CountsForUserAndOrigin(t *testing.T) {
	ctx := function.WithRequest(t.Context(), function.Request{SourceIP: "192.0.2.1"})
	for _, name := range []string{"ada", "ADA", "id of ada", "ada@example.com"} {
		counter := &fakeCounter{}
		pool := namePool{&fakePool{
			signIn:  func(string, string) (userpool.Tokens, error) { return userpool.Tokens{}, userpool.ErrWrongPassword },
			confirm: func(string, string) error { return userpool.ErrWrongSignUpCode },
			resend:  func(string) error { return nil },
		}}
		limited := guessesBy(counter, pool, fakeEmails{"ada@example.com": "ada"})
		l := &login{pool: pool, guesses: limited, events: &fakeEvents{}}
		v := &verification{pool: pool, guesses: limited, events: &fakeEvents{}}
		p := &password{pool: &resetPool{}, emails: fakeEmails{}, guesses: limited, recoverer: newWorld().recoverer()}
		_, err1 := l.Login(ctx, loginRequest{Username: name})
		_, err2 := v.Confirm(ctx, confirmSignUpRequest{Username: name})
		_, err3 := p.Confirm(ctx, newPasswordRequest{Username: name})
		if !errors.Is(err1, userpool.ErrWrongPassword) || !errors.Is(err2, userpool.ErrWrongSignUpCode) || !errors.Is(err3, userpool.ErrWrongResetCode) {
			t.Errorf("%s: %v, %v, %v", name, err1, err2, err3)
		}
		for i, secret := range []attempts.Secret{attempts.Passwords, attempts.SignUpCodes, attempts.ResetCodes} {
			want := attempts.Guess{Secret: secret, Account: "user id of ada", Origin: "192.0.2.1"}
			if counter.guesses[i] != want {
				t.Errorf("%s counts for %+v", name, counter.guesses[i])
			}
		}
		account, err := limited.findAccount(ctx, name)
		if err != nil || limited.countMailRequest(ctx, account) != nil || counter.counted[0] != mailRequestPolicy.Of("user id of ada") {
			t.Errorf("%s: e-mails are counted for %+v, %v", name, counter.counted, err)
		}
	}
}

func TestGuesses_UnknownName_CountsForName(t *testing.T) {
	g := guessesBy(&fakeCounter{}, namePool{}, nil)
	for _, name := range []string{"nobody", "nobody@example.com"} {
		account, err := g.findAccount(t.Context(), name)
		if want := (namedAccount{username: name, limitKey: pseudonym.Pseudonym(name)}); err != nil || account != want {
			t.Errorf("got %+v, %v", account, err)
		}
	}
}

func TestGuesses_KnownOrigin_IsCountedApart(t *testing.T) {
	counter := &fakeCounter{}
	g := guessesBy(counter, namePool{}, nil)
	g.origins = fakeOrigins{"id of ada": "192.0.2.1"}
	for _, name := range []string{"ada", "nobody"} {
		account, err := g.findAccount(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{"192.0.2.1", "192.0.2.2"} {
			ctx := function.WithRequest(t.Context(), function.Request{SourceIP: address})
			if _, err := g.check(ctx, attempts.Passwords, account, func() error { return nil }); err != nil {
				t.Fatal(err)
			}
			known := counter.guesses[len(counter.guesses)-1].Known
			if known != (name == "ada" && address == "192.0.2.1") {
				t.Errorf("%s from %s: known is %v", name, address, known)
			}
		}
	}
}
