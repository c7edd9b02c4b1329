package auth

import (
	"context"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// userFinder finds users of the pool.
type userFinder interface {
	// Find returns the user of this name, and false without one.
	Find(ctx context.Context, username string) (userpool.User, bool, error)
}

// usernameFinder finds the username of the account that has an e-mail address.
type usernameFinder interface {
	Username(ctx context.Context, email string) (username string, found bool, err error)
}

// addressBook finds the account that has an e-mail address.
type addressBook interface {
	usernameFinder
	Owner(ctx context.Context, address string) (accounts.Owner, bool, error)
}

// usernameOf returns the username for an identifier, which is an e-mail address when it
// contains "@". It returns an unknown address unchanged: Cognito then responds as for
// every user who does not exist.
func usernameOf(ctx context.Context, emails usernameFinder, identifier string) (string, error) {
	if !strings.Contains(identifier, "@") {
		return identifier, nil
	}
	username, found, err := emails.Username(ctx, identifier)
	if err != nil || !found {
		return identifier, err
	}
	return username, nil
}

// findUserWithMatchingEmail returns the user of this name. It returns false without such
// a user, and for a user whose address in the pool differs from the address of the
// account. An attacker may have changed that address directly at Cognito, and must not
// be sent what opens the account.
func findUserWithMatchingEmail(ctx context.Context, pool userFinder, emails addressBook, username string) (userpool.User, bool, error) {
	user, found, err := pool.Find(ctx, username)
	if err != nil || !found {
		return userpool.User{}, false, err
	}
	owner, found, err := emails.Owner(ctx, user.Email)
	return user, found && owner.UserID == user.ID, err
}
