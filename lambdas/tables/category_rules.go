package tables

// CategoryRules holds one item for each merchant about which a user said what is always
// to be done with its transactions (package categoryrules).
var CategoryRules = &Table{
	Name:         "CategoryRules",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "merchantHash", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// CategoryRule is an item of CategoryRules. The merchant is not readable: its hash is
// the MerchantHash of its transactions.
type CategoryRule struct {
	UserID       string `dynamodbav:"userId"`
	MerchantHash string `dynamodbav:"merchantHash"`
	// Category is a canonical code, and empty where the user gave none.
	Category string `dynamodbav:"category,omitempty"`
	// Exclude is what the user said about spending. Nil means nothing.
	Exclude *bool `dynamodbav:"exclude,omitempty"`
}
