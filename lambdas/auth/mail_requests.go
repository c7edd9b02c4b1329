package auth

import (
	"context"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
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
