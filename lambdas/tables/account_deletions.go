package tables

// AccountDeletions holds one item for each account whose deletion is under way,
// so that one that dies half-way is taken up again. An item goes with the last
// step.
var AccountDeletions = &Table{
	Name:         "AccountDeletions",
	PartitionKey: Attribute{Name: "queue", Type: String},
	SortKey:      Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      ErasedByDeletion,
}

// DeletionQueue is the partition key of every item: there are few at a time, and
// a schedule reads them all.
const DeletionQueue = "pending"

// AccountDeletion is an item of AccountDeletions. Times are in epoch
// milliseconds. It holds what the steps need after the account itself is gone.
type AccountDeletion struct {
	Queue     string `dynamodbav:"queue"`
	UserID    string `dynamodbav:"userId"`
	EmailHash string `dynamodbav:"emailHash"`
	StartedAt int64  `dynamodbav:"startedAt"`
	// ErasedAt is when every step had succeeded once. Zero means not yet.
	ErasedAt int64 `dynamodbav:"erasedAt,omitempty"`
}
