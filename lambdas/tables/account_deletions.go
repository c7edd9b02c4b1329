package tables

// AccountDeletions holds one item for each account whose deletion is under way,
// so that one that dies half-way is taken up again. An item goes with the last
// step.
var AccountDeletions = &Table{
	Name:         "AccountDeletions",
	PartitionKey: Attribute{Name: "queue", Type: String},
	SortKey:      Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// DeletionQueue is the partition key of every item: there are few at a time, and
// a schedule reads them all.
const DeletionQueue = "pending"

// AccountDeletion is an item of AccountDeletions. Times are in epoch
// milliseconds. It holds what the steps need after the account itself is gone;
// EmailHash is empty where a step finds it out (IfUnconfirmed).
type AccountDeletion struct {
	Queue     string `dynamodbav:"queue"`
	UserID    string `dynamodbav:"userId"`
	EmailHash string `dynamodbav:"emailHash,omitempty"`
	StartedAt int64  `dynamodbav:"startedAt"`
	// IfUnconfirmed is set for an account that is deleted only if its user has not confirmed
	// its address by the time the deletion begins.
	IfUnconfirmed bool `dynamodbav:"ifUnconfirmed,omitempty"`
	// ErasedAt is when every step had succeeded once. Zero means not yet.
	ErasedAt int64 `dynamodbav:"erasedAt,omitempty"`
}
