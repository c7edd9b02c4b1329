package tables

// SweepProgress holds where the next run of a schedule goes on that does not get
// through its list in one run.
var SweepProgress = &Table{
	Name:         "SweepProgress",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// SweepPosition is an item of SweepProgress.
type SweepPosition struct {
	// ID names the list.
	ID string `dynamodbav:"id"`
	// Page is the service's own mark of the next page. Empty means the first page.
	Page string `dynamodbav:"page"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
