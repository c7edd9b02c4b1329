package subscription

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
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

// customers returns the ids of customers that the event has, each once.
func (e webhookEvent) customers() []string {
	all := slices.Concat([]string{e.AppUserID, e.OriginalAppUserID}, e.Aliases, e.TransferredFrom, e.TransferredTo)
	slices.Sort(all)
	return slices.Compact(all)
}

// userIDLength is the length of a user's id, a UUID. Usernames are shorter, and anonymous
// ids of RevenueCat are neither.
const userIDLength = 36

// Webhook takes an event of RevenueCat: it asks RevenueCat for the plan of each user that
// the event names. An event about no user of ours is done, too, and counted. A failure is a
// 503, after which RevenueCat repeats the event.
func (s *subscription) Webhook(ctx context.Context, in webhookRequest) (function.SuccessResponse, error) {
	if err := s.authorize(ctx, in.Authorization); err != nil {
		return function.SuccessResponse{}, err
	}
	users, err := s.usersOf(ctx, in.Event)
	if err != nil {
		return function.SuccessResponse{}, apierror.Unavailable.After(retryEventAfter).Because(err)
	}
	if len(users) == 0 {
		telemetry.MetricsOf(ctx).UnknownSubscriber()
	}
	for _, user := range users {
		if err := s.update(ctx, user, in.Event.ID); err != nil {
			return function.SuccessResponse{}, apierror.Unavailable.After(retryEventAfter).Because(err)
		}
	}
	return function.SuccessResponse{Success: true}, nil
}

// usersOf returns the users that an event names by the user's id or by the username. The app
// is signed in at RevenueCat with either. A username of a user who is known by the id is not
// looked up.
func (s *subscription) usersOf(ctx context.Context, event webhookEvent) (found []*tables.User, err error) {
	var usernames []string
	for _, id := range event.customers() {
		switch {
		case len(id) == userIDLength:
			if found, err = s.add(ctx, found, id); err != nil {
				return nil, err
			}
		case validation.IsUsername(id):
			usernames = append(usernames, id)
		}
	}
	for _, username := range usernames {
		if slices.ContainsFunc(found, func(u *tables.User) bool { return strings.EqualFold(u.Username, username) }) {
			continue
		}
		user, exists, err := s.pool.Find(ctx, username)
		if err != nil {
			return nil, err
		}
		if exists {
			if found, err = s.add(ctx, found, user.ID); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// add returns the users with the one of an id, if it has an account.
func (s *subscription) add(ctx context.Context, users []*tables.User, userID string) ([]*tables.User, error) {
	user, err := s.accounts.Get(ctx, userID)
	if errors.Is(err, accounts.ErrNotFound) {
		return users, nil
	}
	if err != nil {
		return nil, err
	}
	return append(users, user), nil
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

// update renews the plan of one user.
func (s *subscription) update(ctx context.Context, user *tables.User, eventID string) error {
	plan, err := s.plans.Update(ctx, function.Caller{UserID: user.UserID, Username: user.Username}, eventID)
	if err != nil {
		return err
	}
	if err := s.showPlan(ctx, user, plan.Plan); !errors.Is(err, accounts.ErrNotFound) {
		return err
	}
	return nil // the account was deleted in the meantime
}
