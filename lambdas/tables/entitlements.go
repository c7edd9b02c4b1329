package tables

// Entitlements holds what plan each user has, as it was known last
// (lambdas/internal/entitlement says how).
var Entitlements = &Table{
	Name:         "Entitlements",
	PartitionKey: Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
}

// Entitlement is an item of Entitlements. Times are in epoch milliseconds.
type Entitlement struct {
	UserID string `dynamodbav:"userId"`
	Plan   Plan   `dynamodbav:"plan"`
	// Source is the service that said so, such as "revenuecat".
	Source string `dynamodbav:"source"`
	// ExpiresAt is when the plan ends unless the user renews it. Zero means that the
	// plan has no end.
	ExpiresAt int64 `dynamodbav:"expiresAt,omitempty"`
	// CheckedAt is when the source was asked.
	CheckedAt int64 `dynamodbav:"checkedAt"`
	// Events are the ids of the last events of the source that led to a check, the newest
	// last, by which a repeated event is recognised.
	Events []string `dynamodbav:"events,omitempty"`
}
