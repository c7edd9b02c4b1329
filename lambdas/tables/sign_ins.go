package tables

// SignIns holds what successful sign-ins leave: one item for each session, one for
// each origin, network and country that the user signed in from lately, one for the
// latest country, and one that counts the e-mails about new networks
// (lambdas/internal/signins).
var SignIns = &Table{
	Name:         "SignIns",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
}

// SignIn is an item of SignIns. Addresses are pseudonyms (lambdas/internal/pseudonym).
type SignIn struct {
	UserID string `dynamodbav:"userId"`
	// ID begins with the kind of the item; that of a session sorts by time.
	ID string `dynamodbav:"id"`
	// At is when the user signed in there last, in epoch milliseconds. For the
	// e-mails it is when the first of them was sent.
	At int64 `dynamodbav:"at"`
	// SessionID is the session (origin_jti), in the item of a session.
	SessionID string `dynamodbav:"sessionId,omitempty"`
	// Platform is ios, android or other, in the item of a session.
	Platform string `dynamodbav:"platform,omitempty"`
	// Country is the country of the sign-in, in the item of the latest country.
	Country string `dynamodbav:"country,omitempty"`
	// Alerts counts the e-mails since At.
	Alerts int `dynamodbav:"alerts,omitempty"`
	// ExpiresAt is in epoch seconds. Default: the item is kept as long as the account.
	ExpiresAt int64 `dynamodbav:"expiresAt,omitempty"`
}
