package tables

// PendingImports holds the rows of imports that did not fit the time of their requests,
// in parts. A consumer writes the transactions of a part and deletes it. A part that no
// consumer finishes ends with its messages.
var PendingImports = &Table{
	Name:         "PendingImports",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "partId", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// PendingImport is an item of PendingImports.
type PendingImport struct {
	UserID string `dynamodbav:"userId"`
	// PartID is the id of the import and the number of the part.
	PartID string `dynamodbav:"partId"`
	// Rows are the transactions to create, as compressed JSON.
	Rows EncryptedString `dynamodbav:"rows"`
	// ExpiresAt is when the item ends, in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
