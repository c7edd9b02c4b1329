package tables

// DataErasures holds one item for each user whose data is being erased while the
// account stays, so that an erasure that is interrupted is taken up again. An item
// goes with the last step.
var DataErasures = &Table{
	Name:         "DataErasures",
	PartitionKey: Attribute{Name: "queue", Type: String},
	SortKey:      Attribute{Name: "userId", Type: String},
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// ErasureQueue is the partition key of every item: there are few at a time, and a
// schedule reads them all.
const ErasureQueue = "pending"

// DataErasure is an item of DataErasures. Times are in epoch milliseconds.
type DataErasure struct {
	Queue  string `dynamodbav:"queue"`
	UserID string `dynamodbav:"userId"`
	// RequestedAt is the boundary: what was written before it is erased, and what is
	// written from then on stays.
	RequestedAt int64 `dynamodbav:"requestedAt"`
	// ErasedAt is when everything from before the boundary had been deleted once. Zero
	// means not yet.
	ErasedAt int64 `dynamodbav:"erasedAt,omitempty"`
}
