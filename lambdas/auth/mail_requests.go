package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
)

// mailRequestPolicy is the policy of requests that send an e-mail to an account: they
// can fill somebody's inbox. Cognito has a limit of its own, but only for users
// that exist, and so would tell which do.
var mailRequestPolicy = attempts.Policy{
	Name: "mail-request", FreeFailures: 5, FirstDelay: time.Minute, MaxDelay: 15 * time.Minute, ResetAfter: time.Hour,
}

// minResponseTime is how long each response takes to a request for an e-mail, so that the
// time tells no client whether there is an account. workTime ends the work before that,
// always: finding an account and asking Cognito or SES takes a few hundred
// milliseconds, and in a new environment up to a second. Both services go on with a
// request whose connection ends.
const (
	minResponseTime = 2 * time.Second
	workTimeout     = 1500 * time.Millisecond
)

// emailRequest is a request for an e-mail to an account that may not exist.
type emailRequest struct {
	// findAccount is the name that the client typed.
	account string
	// send sends the e-mail if there is such an account. Its error is logged, and no
	// client is told: only a client that names an account could see it.
	send func(ctx context.Context, account namedAccount) error
	// function.SuccessResponse is the message of every response.
	acknowledgement string
}

// requestCounter is a service whose requests for e-mails are counted.
type requestCounter interface{ requestGuesses() *guesses }

// emailRoute declares a public route that has an e-mail sent to an account, if there is
// one. It is the one way to declare such a route: it spends the stage's e-mails, counts
// requests for the account, and responds alike whatever becomes of the e-mail.
func emailRoute[S requestCounter, In any](key string, useCase func(S, In) emailRequest) function.RouteOf[S] {
	return function.Public(key, respondAlike(useCase), function.Spends(function.Emails))
}

// respondAlike returns the use case of an emailRoute. What fails before the e-mail is
// the response: up to there the calls are the same whether or not there is an account.
func respondAlike[S requestCounter, In any](useCase func(S, In) emailRequest) func(S, context.Context, In) (function.SuccessResponse, error) {
	return func(service S, ctx context.Context, in In) (function.SuccessResponse, error) {
		defer waitFor(ctx, time.After(minResponseTime))
		work, cancel := context.WithTimeout(ctx, workTimeout)
		defer cancel()
		request, guesses := useCase(service, in), service.requestGuesses()
		account, err := guesses.findAccount(work, request.account)
		if err != nil {
			return function.SuccessResponse{}, err
		}
		if err := guesses.countMailRequest(work, account); err != nil {
			return function.SuccessResponse{}, err
		}
		if err := request.send(work, account); err != nil {
			telemetry.FromContext(ctx).ErrorContext(ctx, "an e-mail that a client asked for is not sent", "error", err.Error())
		}
		return function.SuccessResponse{Success: true, Message: request.acknowledgement}, nil
	}
}

// waitFor waits for the timer, or for the end of the invocation's time.
func waitFor(ctx context.Context, timer <-chan time.Time) {
	select {
	case <-ctx.Done():
	case <-timer:
	}
}

type userFinder interface {
	// Find returns the user of this name, and false when there is none.
	Find(ctx context.Context, username string) (userpool.User, bool, error)
}

// addressBook knows whose account an e-mail address is.
type addressBook interface {
	usernameFinder
	Owner(ctx context.Context, address string) (accounts.Owner, bool, error)
}

// findUserWithMatchingEmail returns the user of this name, and false when there is none whose address
// in the pool is the one of the account. Whoever got it changed there by itself, past
// the backend, is not to be sent what opens the account.
func findUserWithMatchingEmail(ctx context.Context, pool userFinder, emails addressBook, username string) (userpool.User, bool, error) {
	user, found, err := pool.Find(ctx, username)
	if err != nil || !found {
		return userpool.User{}, false, err
	}
	owner, found, err := emails.Owner(ctx, user.Email)
	return user, found && owner.UserID == user.ID, err
}
