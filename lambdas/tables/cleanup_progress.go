package tables

// CleanupProgress holds the position from which the next run of a schedule continues, when
// one run does not reach the end of its list.
var CleanupProgress = &Table{
	Name:         "CleanupProgress",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// CleanupPosition is an item of CleanupProgress.
type CleanupPosition struct {
	// ID names the list.
	ID string `dynamodbav:"id"`
	// Page is the token of the next page, which the service issued. Empty means the
	// first page.
	Page string `dynamodbav:"page"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
