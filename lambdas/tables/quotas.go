package tables

// Quotas holds what users have used of their quotas: one item for each user, quota
// and period (lambdas/internal/quota says how). It is not UserContent: a user who
// erases their data keeps what they have used.
var Quotas = &Table{
	Name:         "Quotas",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
}

// QuotaUse is an item of Quotas.
type QuotaUse struct {
	UserID string `dynamodbav:"userId"`
	// ID is the name of the quota, "#" and the period, such as "imports#2026-11".
	ID string `dynamodbav:"id"`
	// Subjects are hashes of what the quota was taken for. Their number is what is used.
	Subjects []string `dynamodbav:"subjects,stringset,omitempty"`
	// ExpiresAt is in epoch seconds, two days after the end of the period.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
