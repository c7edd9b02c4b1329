package subscription

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

var errNotRevenueCat = apierror.New(http.StatusUnauthorized, "WEBHOOK_UNAUTHORIZED", "The Authorization header is not the one that was agreed.")

// retryEventAfter is sent with a 503. RevenueCat repeats an event after five minutes and
// more, whatever the header says.
const retryEventAfter = 5 * time.Minute

// webhookRequest is an event of RevenueCat. Only the ids of customers are read: what has
// changed is asked of RevenueCat's API.
// https://www.revenuecat.com/docs/integrations/webhooks/event-types-and-fields
type webhookRequest struct {
	Authorization string `header:"authorization" validate:"max=500"`

	Event webhookEvent `json:"event" validate:"required"`
}

type webhookEvent struct {
	// ID is the same when RevenueCat repeats the event.
	ID   string `json:"id" validate:"required,max=100,plaintext"`
	Type string `json:"type" validate:"required,max=100,plaintext"`

	AppUserID         string   `json:"app_user_id" validate:"max=200,plaintext"`
	OriginalAppUserID string   `json:"original_app_user_id" validate:"max=200,plaintext"`
	Aliases           []string `json:"aliases" validate:"max=100,dive,max=200,plaintext"`
	// TransferredFrom and TransferredTo are the ids of the customers of a TRANSFER.
	TransferredFrom []string `json:"transferred_from" validate:"max=100,dive,max=200,plaintext"`
	TransferredTo   []string `json:"transferred_to" validate:"max=100,dive,max=200,plaintext"`
}

// customers returns the ids that users can have, each once.
func (e webhookEvent) customers() []string {
	all := slices.Concat([]string{e.AppUserID, e.OriginalAppUserID}, e.Aliases, e.TransferredFrom, e.TransferredTo)
	all = slices.DeleteFunc(all, func(id string) bool { return len(id) != userIDLength })
	slices.Sort(all)
	return slices.Compact(all)
}

// userIDLength is the length of a user's id, a UUID. Anonymous ids of RevenueCat are
// longer and usernames shorter.
const userIDLength = 36

// Webhook takes an event of RevenueCat: it asks RevenueCat for the plan of each user that
// the event names. An event about no user of ours is done, too. A failure is a 503, after
// which RevenueCat repeats the event.
func (s *subscription) Webhook(ctx context.Context, in webhookRequest) (function.SuccessResponse, error) {
	if err := s.authorize(ctx, in.Authorization); err != nil {
		return function.SuccessResponse{}, err
	}
	for _, userID := range in.Event.customers() {
		if err := s.update(ctx, userID, in.Event.ID); err != nil {
			return function.SuccessResponse{}, apierror.Unavailable.After(retryEventAfter).Because(err)
		}
	}
	return function.SuccessResponse{Success: true}, nil
}

// authorize returns errNotRevenueCat unless the header is the agreed one. The comparison
// takes the same time for each wrong header.
func (s *subscription) authorize(ctx context.Context, header string) error {
	agreed, err := s.secret.Get(ctx, secrets.RevenueCatWebhookAuthorization)
	if err != nil {
		return apierror.Unavailable.After(retryEventAfter).Because(err)
	}
	if matches(agreed, header) {
		return nil
	}
	// A changed secret is read before its five minutes in the cache have passed.
	renewed, changed := s.secret.RefreshRejected(ctx, secrets.RevenueCatWebhookAuthorization, agreed)
	if changed && matches(renewed, header) {
		return nil
	}
	return errNotRevenueCat
}

func matches(agreed secretcache.Value, header string) bool {
	want, got := sha256.Sum256([]byte(agreed.Reveal())), sha256.Sum256([]byte(header))
	return agreed.Reveal() != "" && subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// update renews the plan of one user. A user without an account is left out.
func (s *subscription) update(ctx context.Context, userID, eventID string) error {
	user, err := s.accounts.Get(ctx, userID)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	plan, err := s.plans.Update(ctx, function.Caller{UserID: user.UserID, Username: user.Username}, eventID)
	if err != nil {
		return err
	}
	if err := s.showPlan(ctx, user, plan.Plan); !errors.Is(err, accounts.ErrNotFound) {
		return err
	}
	return nil // the account was deleted in the meantime
}
