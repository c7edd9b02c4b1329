package tables

// UserIdentities holds one item for each identity at Apple or Google that opens an
// account. Its key is a keyed hash of the provider and the user's id there
// (lambdas/internal/blindindex).
var UserIdentities = &Table{
	Name:         "UserIdentities",
	PartitionKey: Attribute{Name: "id", Type: String},
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// UserIdentity is an item of UserIdentities. While its account is being made,
// UserID is empty and EmailHash names the address it is made for, so that a repeated
// attempt continues with the same username. Users.Identities
// leads back from the account.
type UserIdentity struct {
	ID        string `dynamodbav:"id"`
	Username  string `dynamodbav:"username"`
	UserID    string `dynamodbav:"userId,omitempty"`
	EmailHash string `dynamodbav:"emailHash,omitempty"`
	// Provider is "Apple" or "Google".
	Provider string `dynamodbav:"provider,omitempty"`
	// Authoritative reports whether the provider is authoritative for the account's
	// address, so that the identity survives a recovery of the account.
	Authoritative bool `dynamodbav:"authoritative,omitempty"`
}
