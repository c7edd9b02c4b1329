package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
)

// mailRequestPolicy limits the requests that send an e-mail to an account, because an
// attacker can fill the inbox of another person with them. Cognito has a limit too, but
// for existing users only, so its responses would tell which users exist.
var mailRequestPolicy = attempts.Policy{
	Name: "mail-request", FreeFailures: 5, FirstDelay: time.Minute, MaxDelay: 15 * time.Minute, ResetAfter: time.Hour,
}

// newRequestCounts returns guesses that count requests for e-mails and check no secret.
// It is for functions that declare PutItem on LoginAttempts, GenerateMac with the lookup
// key, GetItem on UserEmails, and AdminGetUser.
func newRequestCounts(resources *function.Resources, pool userFinder) *guesses {
	return &guesses{counter: attempts.Open(resources), pseudonyms: pseudonym.Open(resources), pool: pool, emails: accounts.OpenEmails(resources)}
}

// countMailRequest counts a request that sends an e-mail, whether or not the account
// exists. It returns the response for a client that has sent too many.
func (g *guesses) countMailRequest(ctx context.Context, account namedAccount) error {
	return g.counter.Count(ctx, mailRequestPolicy.Of(account.limitKey))
}
