package guard

import (
	"crypto/sha256"
	"encoding/base64"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// LimitKey identifies the item that a request counts for. The functions of this
// package make one.
type LimitKey struct {
	id     string
	caller *function.Caller
	lane   bool
}

// User returns the key of a signed-in request.
func User(caller function.Caller) LimitKey {
	return LimitKey{id: userID(caller.UserID), caller: &caller}
}

// SourceIP returns the key of a request without a signed-in user.
func SourceIP(ip pseudonym.Pseudonym) LimitKey {
	return LimitKey{id: string(tables.RateLimitAddress) + string(ip)}
}

// Stage is the key of the budgets that all clients share.
var Stage = LimitKey{id: string(tables.RateLimitStage)}

// userID returns the id of a user's item. Half of a SHA-256 is more than the 122
// random bits of a user's id need.
func userID(user string) string {
	hash := sha256.Sum256([]byte(user))
	return string(tables.RateLimitUser) + base64.RawURLEncoding.EncodeToString(hash[:sha256.Size/2])
}

// Holder returns the key of requests that show a secret, in the lane of their route.
// A secret such as a refresh token is too long to guess, so its hash reveals nothing.
func Holder(secret string) LimitKey {
	hash := sha256.Sum256([]byte(secret))
	return LimitKey{id: string(tables.RateLimitHolder) + base64.RawURLEncoding.EncodeToString(hash[:]), lane: true}
}
