package tables

// SecurityEvents holds one item for each act that bears on the security of an
// account (lambdas/internal/securityevents says which). A query for a user's id
// finds all that is known of the user.
var SecurityEvents = &Table{
	Name:         "SecurityEvents",
	PartitionKey: Attribute{Name: "subject", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
}

// SecurityEvent is an item of SecurityEvents. Nothing in it is readable but the
// user's id and the country: names, addresses and devices are pseudonyms
// (lambdas/internal/pseudonym), which tell whether two are the same.
type SecurityEvent struct {
	// Subject is the user's id. Where no user is known, or is to be known no more,
	// it is "account#" and the pseudonym of the name that was typed; such items
	// belong to no account and are deleted by TTL.
	Subject string `dynamodbav:"subject"`
	// ID sorts by time and is unique.
	ID   string `dynamodbav:"id"`
	Type string `dynamodbav:"type"`
	// At is in epoch milliseconds.
	At int64 `dynamodbav:"at"`
	// RequestID is API Gateway's, which the log has too.
	RequestID string `dynamodbav:"requestId,omitempty"`
	Address   string `dynamodbav:"address,omitempty"`
	// Platform is ios, android or other.
	Platform string `dynamodbav:"platform"`
	Device   string `dynamodbav:"device,omitempty"`
	// Country is an ISO 3166 code of two letters, as the edge says. Default: unknown.
	Country string `dynamodbav:"country,omitempty"`
	// RiskScore is from 0 to 100.
	RiskScore int `dynamodbav:"riskScore"`
	// Action is what the backend did.
	Action string `dynamodbav:"actionTaken"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
