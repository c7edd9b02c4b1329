package tables

// TransactionFigures holds one item for each month in which a user has or had
// transactions: what they add up to. Package transactionstore writes an item in the same
// transaction as the month's transactions, and names the attributes.
var TransactionFigures = &Table{
	Name:         "TransactionFigures",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "month", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}
