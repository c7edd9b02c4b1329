package tables

// UserEmails makes an e-mail address unique and findable without storing it:
// its key is a keyed hash of the address (lambdas/internal/blindindex). A
// conditional put on it is the claim to an address, and a consistent read of it
// finds the account, with none of an index's delay.
var UserEmails = &Table{
	Name:         "UserEmails",
	PartitionKey: Attribute{Name: "emailHash", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// UserEmail is an item of UserEmails. While a registration is under way it is a
// claim: ClaimID is set, ExpiresAt (epoch seconds) says when the claim lapses,
// and UserID is empty. A completed one has neither ClaimID nor ExpiresAt.
type UserEmail struct {
	EmailHash string `dynamodbav:"emailHash"`
	Username  string `dynamodbav:"username"`
	UserID    string `dynamodbav:"userId,omitempty"`
	ClaimID   string `dynamodbav:"claimId,omitempty"`
	ExpiresAt int64  `dynamodbav:"expiresAt,omitempty"`
}
