package auth

import (
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
)

// recorder records what bears on the security of an account. It returns an error
// only when the act must not happen unrecorded.
type recorder interface {
	Record(ctx context.Context, event securityevents.Event) error
}

// signInEvent says what became of an attempt to sign in, and false when nothing
// did that is worth a record: Cognito was down, say.
func signInEvent(userID, typed string, err error) (securityevents.Event, bool) {
	var locked *attempts.LockedError
	switch {
	case err == nil:
		return securityevents.Event{Kind: securityevents.SignedIn, UserID: userID}, true
	case errors.As(err, &locked), errors.Is(err, errTooMany):
		return securityevents.Event{Kind: securityevents.SignInLocked, Account: typed}, true
	case errors.Is(err, errBadPassword):
		return securityevents.Event{Kind: securityevents.SignInFailed, Account: typed}, true
	default:
		return securityevents.Event{}, false
	}
}

// refusedCode says that a code was guessed at, and false when it was not.
func refusedCode(typed string, err error) (securityevents.Event, bool) {
	var locked *attempts.LockedError
	switch {
	case errors.As(err, &locked), errors.Is(err, errTooMany):
		return securityevents.Event{Kind: securityevents.CodeLocked, Account: typed}, true
	case errors.Is(err, errWrongCode), errors.Is(err, errWrongResetCode):
		return securityevents.Event{Kind: securityevents.CodeWrong, Account: typed}, true
	default:
		return securityevents.Event{}, false
	}
}
