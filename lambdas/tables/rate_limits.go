package tables

// RateLimits holds one item for each user and for each address that nobody is
// signed in at: what they may still do, and what of theirs is revoked. It is the
// one item that a request is checked against, so that the check costs one write
// (lambdas/internal/guard says how, and what stands for users and addresses). One
// more item counts the budgets of the whole stage.
var RateLimits = &Table{
	Name:         "RateLimits",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

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

// RevokedToken is an item of RevokedTokens. Its id names what is revoked: one
// token ("token#" and its jti), one sign-in ("session#" and its origin_jti), or
// everything issued to a user until then (the Subject).
type RevokedToken struct {
	ID string `dynamodbav:"id"`
	// Subject is "user#" and a hash of the user's id, as in RateLimits.
	Subject string `dynamodbav:"subject"`
	// RevokedAt is in epoch seconds.
	RevokedAt int64 `dynamodbav:"revokedAt"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64  `dynamodbav:"expiresAt"`
	Reason    string `dynamodbav:"reason"`
}
