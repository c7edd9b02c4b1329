package auth

import (
	"context"
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

var (
	errBadCommand = apierror.New(http.StatusBadRequest, "BAD_COMMAND", `The command needs "user", a username or an e-mail address, and "provider", Apple or Google.`)
	errNoUser     = apierror.New(http.StatusNotFound, "NO_SUCH_USER", "There is no such user.")
)

// unlinkIdentityRequest names the user by username or e-mail address.
type unlinkIdentityRequest struct {
	User     string                  `json:"user"`
	Provider emailtemplates.Provider `json:"provider"`
}

// unlinkIdentityResponse has the number of unlinked identities.
type unlinkIdentityResponse struct {
	Unlinked int `json:"unlinked"`
}

// Unlink removes a provider's identities from an account, ends its sessions and sends
// the user an e-mail. It is recorded first, and can be repeated.
func (r *recoveries) Unlink(ctx context.Context, in unlinkIdentityRequest) (unlinkIdentityResponse, error) {
	if in.User == "" || in.Provider != emailtemplates.Apple && in.Provider != emailtemplates.Google {
		return unlinkIdentityResponse{}, errBadCommand
	}
	username, err := usernameOf(ctx, r.emails, in.User)
	if err != nil {
		return unlinkIdentityResponse{}, err
	}
	user, found, err := r.pool.Find(ctx, username)
	if err != nil {
		return unlinkIdentityResponse{}, err
	}
	if !found {
		return unlinkIdentityResponse{}, errNoUser
	}
	if err := r.events.Record(ctx, securityevents.Event{Kind: securityevents.IdentityUnlinked, UserID: user.ID}); err != nil {
		return unlinkIdentityResponse{}, err
	}
	unlinked, err := r.queue.Unlink(ctx, user.ID, string(in.Provider))
	if unlinked > 0 {
		if err := r.sender.Send(ctx, user.Email, emailtemplates.SignInRemoved{Provider: in.Provider, At: r.now()}); err != nil {
			telemetry.FromContext(ctx).ErrorContext(ctx, "send sign-in-removed e-mail failed", "error", err.Error())
		}
	}
	return unlinkIdentityResponse{Unlinked: unlinked}, err
}
