package tables

// RateLimits holds what each client may still do and which tokens of a user are
// revoked. The id tells the type of an item, the name of an attribute tells a limit
// from a revocation mark. Both are in one item because a request is then checked by
// one conditional write (lambdas/internal/guard).
//
// Each request sets expiresAt of its items to two days later: longer than a limit
// takes to fill up, and longer than a mark is needed.
var RateLimits = &Table{
	Name:         "RateLimits",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// RateLimitItem is the type of an item of RateLimits: what its id begins with.
type RateLimitItem string

// The item types of RateLimits.
const (
	// RateLimitUser items are of a user, by a hash of the user's id. They hold the
	// limits of signed-in requests and the marks of revoked tokens.
	RateLimitUser RateLimitItem = "user#"
	// RateLimitAddress items are of a source IP, by its pseudonym. They hold the limits
	// and budgets of requests without a sign-in.
	RateLimitAddress RateLimitItem = "address#"
	// RateLimitHolder items are of a known secret, such as a refresh token, by its
	// hash. They hold the limits of a lane (function.Lane).
	RateLimitHolder RateLimitItem = "holder#"
	// RateLimitStage is the one item of all clients. It holds the stage's budgets.
	RateLimitStage RateLimitItem = "stage"
)

// RateLimitItems returns every item type of RateLimits.
func RateLimitItems() []RateLimitItem {
	return []RateLimitItem{RateLimitUser, RateLimitAddress, RateLimitHolder, RateLimitStage}
}

// What the attributes of a RateLimits item begin with, beside id and expiresAt.
const (
	// LimitAttribute begins the token bucket of one limit of one route. A hash of the
	// route in capital letters and digits follows.
	LimitAttribute = "b"
	// BudgetAttribute begins the token bucket of a budget. Its name follows.
	BudgetAttribute = "budget-"
	// TokenMark begins the mark of a revoked access token. Its jti follows.
	TokenMark = "token#"
	// SessionMark begins the mark of a revoked session. Its origin_jti follows. The value
	// of a mark is the time, in epoch seconds, until which it is needed.
	SessionMark = "session#"
	// RevokedUntil is the time, in epoch seconds, up to which all tokens of the user
	// are revoked.
	RevokedUntil = "revokedUntil"
)

// RevokedTokens lists what was revoked, when and why, until the tokens concerned
// have expired. Requests are checked against the copy in RateLimits, renewals of
// tokens against this list.
var RevokedTokens = &Table{
	Name:         "RevokedTokens",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// RevokedToken is an item of RevokedTokens. Its id names what is revoked: one token
// (TokenMark and its jti) for a day, or one session (SessionMark and its origin_jti)
// or all tokens of a user (the Subject) for the 30 days that refresh tokens live.
type RevokedToken struct {
	ID string `dynamodbav:"id"`
	// Subject is the id of the user's item in RateLimits.
	Subject string `dynamodbav:"subject"`
	// RevokedAt is in epoch seconds.
	RevokedAt int64 `dynamodbav:"revokedAt"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64  `dynamodbav:"expiresAt"`
	Reason    string `dynamodbav:"reason"`
}
