package notifications

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var errNoToken = apierror.New(http.StatusNotFound, "PUSH_TOKEN_NOT_FOUND", "There is no such device.")

var errNotExpo = apierror.New(http.StatusUnprocessableEntity, "INVALID_PUSH_TOKEN", "This is no push token of Expo.")

// expoToken matches the tokens of Expo's SDK, old and new.
// https://docs.expo.dev/push-notifications/faq/
var expoToken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^Expo(nent)?PushToken\[[A-Za-z0-9_-]{1,100}\]$`)
})

// registerRequest is a push token that the app has got from Expo.
type registerRequest struct {
	Token      string `json:"token" validate:"required,max=255,plaintext"`
	Platform   string `json:"platform" validate:"required,oneof=ios android web"`
	DeviceInfo device `json:"deviceInfo"`
}

// device is what the app says about a device.
type device struct {
	DeviceName string `json:"deviceName,omitempty" validate:"max=100,plaintext"`
	OSVersion  string `json:"osVersion,omitempty" validate:"max=50,plaintext"`
	AppVersion string `json:"appVersion,omitempty" validate:"max=50,plaintext"`
}

type registerResponse struct {
	Success bool   `json:"success"`
	TokenID string `json:"tokenId"`
	Message string `json:"message"`
}

// hashOf returns the id of a push token. Expo's tokens are random, so that the hash
// discloses none.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}

// Register binds a push token to the caller, and to no other user: the app does not tell
// when a user signs out. The app registers its token at every unlock, so that a token that
// is bound already is not written again.
func (s *settings) Register(ctx context.Context, caller function.Caller, in registerRequest) (registerResponse, error) {
	if !expoToken().MatchString(in.Token) {
		return registerResponse{}, errNotExpo
	}
	hash := hashOf(in.Token)
	own, err := s.tokens(ctx, caller.UserID)
	if err != nil {
		return registerResponse{}, err
	}
	others, err := s.owners.Query(ctx, store.Query{Index: tables.NotificationSettingsByToken, Partition: hash, Limit: maxOwners})
	if err != nil {
		return registerResponse{}, err
	}
	info, err := json.Marshal(in.DeviceInfo)
	if err != nil {
		return registerResponse{}, err
	}
	now := s.now().UnixMilli()
	item := tables.NotificationSetting{
		UserID: caller.UserID, ID: tables.PushTokenPrefix + hash, TokenHash: hash, Token: tables.EncryptedString(in.Token),
		Device: tables.EncryptedString(info), Platform: in.Platform, BoundAt: now, UpdatedAt: now,
	}
	others.Items = slices.DeleteFunc(others.Items, func(o tables.PushTokenOwner) bool { return o.UserID == caller.UserID })
	if len(others.Items) > 0 || !slices.ContainsFunc(own, func(known tables.NotificationSetting) bool { return same(known, item) }) {
		if err := s.items.Put(ctx, caller.UserID, item); err != nil {
			return registerResponse{}, err
		}
	}
	response := registerResponse{Success: true, TokenID: hash, Message: "Your device is registered successfully."}
	return response, s.release(ctx, item, own, others.Items)
}

// maxOwners is how many users of one token are read. There is more than one for the time
// of a request only.
const maxOwners = 20

// refreshAfter is when a token that has not changed is written again, so that the latest
// user of a token can be told from earlier ones by day.
const refreshAfter = 24 * time.Hour

// same reports whether a registered token needs no other item.
func same(known, item tables.NotificationSetting) bool {
	return known.ID == item.ID && known.Device == item.Device && known.Platform == item.Platform &&
		time.UnixMilli(item.BoundAt).Sub(time.UnixMilli(known.BoundAt)) < refreshAfter
}

// release deletes the token of users who had it before, and the caller's oldest tokens
// beyond maxTokens.
func (s *settings) release(ctx context.Context, bound tables.NotificationSetting, own []tables.NotificationSetting, others []tables.PushTokenOwner) error {
	for _, other := range others {
		earlier := expression.Name("boundAt").LessThanEqual(expression.Value(bound.BoundAt))
		if err := store.IgnoreConditionFailed(s.owners.Delete(ctx, store.Key{other.UserID, other.ID}, earlier)); err != nil {
			return err
		}
	}
	kept := 1
	for _, token := range own {
		if token.ID == bound.ID {
			continue
		}
		if kept++; kept > maxTokens {
			if err := s.owners.Delete(ctx, store.Key{token.UserID, token.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

type pushToken struct {
	TokenID      string        `json:"tokenId"`
	Platform     string        `json:"platform"`
	DeviceInfo   device        `json:"deviceInfo"`
	RegisteredAt dates.Instant `json:"registeredAt"`
}

type tokensResponse struct {
	Tokens function.List[pushToken] `json:"tokens"`
}

// List returns the caller's devices that are notified, the latest first. It does not
// return the tokens themselves.
func (s *settings) List(ctx context.Context, caller function.Caller, _ function.NoInput) (tokensResponse, error) {
	own, err := s.tokens(ctx, caller.UserID)
	var found tokensResponse
	for _, item := range own {
		token := pushToken{TokenID: item.TokenHash, Platform: item.Platform, RegisteredAt: dates.Milliseconds(item.BoundAt)}
		if err := json.Unmarshal([]byte(item.Device), &token.DeviceInfo); err != nil {
			return tokensResponse{}, err
		}
		found.Tokens = append(found.Tokens, token)
	}
	return found, err
}

// deactivateRequest names a token by its id or by itself.
type deactivateRequest struct {
	TokenID string `json:"tokenId" validate:"max=64,plaintext"`
	Token   string `json:"token" validate:"max=255,plaintext"`
}

// Deactivate deletes a push token of the caller.
func (s *settings) Deactivate(ctx context.Context, caller function.Caller, in deactivateRequest) (function.SuccessResponse, error) {
	id := in.TokenID
	if id == "" {
		id = hashOf(in.Token)
	}
	err := s.owners.Remove(ctx, store.Key{caller.UserID, tables.PushTokenPrefix + id})
	return function.SuccessResponse{Success: true, Message: "Your device is no longer notified."}, store.AsNotFound(err, errNoToken)
}
