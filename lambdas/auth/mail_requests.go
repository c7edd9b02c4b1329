package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// mailRequests is the policy of requests that send an e-mail to an account: they
// can fill somebody's inbox. Cognito has a limit of its own, but only for users
// that exist, and so would tell which do.
var mailRequests = attempts.Policy{
	Name: "mail-request", Free: 5, FirstDelay: time.Minute, LongestDelay: 15 * time.Minute, Forget: time.Hour,
}

// evenTime is what a request takes at least that sends an e-mail if there is
// somebody to send it to: more than sending takes, so that the time of the answer
// does not tell whether there was.
const evenTime = time.Second

// evenly waits until the request that began at this time has taken evenTime.
func evenly(ctx context.Context, began time.Time) {
	select {
	case <-ctx.Done():
	case <-time.After(time.Until(began.Add(evenTime))):
	}
}

// undelivered logs that an e-mail does not arrive. Only somebody who has an account
// is sent one, so the client must not be told.
func undelivered(ctx context.Context, err error) {
	telemetry.FromContext(ctx).ErrorContext(ctx, "an e-mail that a user asked for is not sent", "error", err.Error())
}

type userFinder interface {
	// Find returns the user of this name, and false when there is none.
	Find(ctx context.Context, username string) (poolUser, bool, error)
}

// addressBook knows whose account an e-mail address is.
type addressBook interface {
	usernameFinder
	Owner(ctx context.Context, address string) (accounts.Owner, bool, error)
}

// reachable returns the user of this name, and false when there is none whose address
// in the pool is the one of the account. Whoever got it changed there by itself, past
// the backend, is not to be sent what opens the account.
func reachable(ctx context.Context, pool userFinder, emails addressBook, username string) (poolUser, bool, error) {
	user, found, err := pool.Find(ctx, username)
	if err != nil || !found {
		return poolUser{}, false, err
	}
	owner, found, err := emails.Owner(ctx, user.Email)
	return user, found && owner.UserID == user.ID, err
}
