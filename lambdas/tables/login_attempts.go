package tables

// LoginAttempts counts the failed attempts at a secret: one item for each
// account, address or device with failures of late
// (lambdas/internal/attempts says how).
var LoginAttempts = &Table{
	Name:         "LoginAttempts",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// LoginAttempt is an item of LoginAttempts.
type LoginAttempt struct {
	// ID is the name of the policy, "#", and a pseudonym of whose secret it is or
	// who tries it.
	ID string `dynamodbav:"id"`
	// Failures counts the attempts that failed or are under way.
	Failures int `dynamodbav:"failures"`
	// LastAt is when the last of them began, in epoch milliseconds.
	LastAt int64 `dynamodbav:"lastAt"`
	// DayFailures counts those of the last 24 hours from DayBegan, where the policy
	// limits them.
	DayFailures int `dynamodbav:"dayFailures,omitempty"`
	// DayBegan is when the first of those began, in epoch milliseconds.
	DayBegan int64 `dynamodbav:"dayBegan,omitempty"`
	// Version changes with each write (package store).
	Version string `dynamodbav:"version"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
