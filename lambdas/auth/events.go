package auth

import (
	"errors"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// refusedSignIn returns the event of a refused sign-in. It returns false when the
// sign-in failed for another reason, for example because Cognito was down.
func refusedSignIn(username string, err error) (securityevents.Event, bool) {
	var locked *attempts.LockedError
	switch {
	case errors.As(err, &locked), errors.Is(err, userpool.ErrTooManyAttempts):
		return securityevents.Event{Kind: securityevents.SignInLocked, Account: username}, true
	case errors.Is(err, userpool.ErrWrongPassword):
		return securityevents.Event{Kind: securityevents.SignInFailed, Account: username}, true
	case errors.Is(err, userpool.ErrNotConfirmed): // tells that the account exists (disclosures.go)
		return securityevents.Event{Kind: securityevents.AccountDisclosed, Account: username}, true
	default:
		return securityevents.Event{}, false
	}
}

// refusedCode returns the event of a wrong code or of too many codes, and false for
// other errors.
func refusedCode(typed string, err error) (securityevents.Event, bool) {
	var locked *attempts.LockedError
	switch {
	case errors.As(err, &locked), errors.Is(err, userpool.ErrTooManyAttempts):
		return securityevents.Event{Kind: securityevents.CodeLocked, Account: typed}, true
	case errors.Is(err, userpool.ErrWrongSignUpCode), errors.Is(err, userpool.ErrWrongResetCode):
		return securityevents.Event{Kind: securityevents.CodeWrong, Account: typed}, true
	default:
		return securityevents.Event{}, false
	}
}
