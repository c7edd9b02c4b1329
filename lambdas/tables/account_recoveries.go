package tables

// AccountRecoveries holds one item for each recovery of an account that is under
// way, so that a schedule finishes one that was interrupted. An item goes with the
// last step.
var AccountRecoveries = &Table{
	Name:         "AccountRecoveries",
	PartitionKey: Attribute{Name: "queue", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Class:        Personal,
	Erasure:      EraseExplicitly,
}

// RecoveryQueue is the partition key of every item: there are few at a time, and
// a schedule reads them all.
const RecoveryQueue = "pending"

// AccountRecovery is an item of AccountRecoveries. Times are in epoch milliseconds.
type AccountRecovery struct {
	Queue string `dynamodbav:"queue"`
	// ID is the user's id, "#" and random text: attempts at the same account do not
	// touch each other's items.
	ID     string `dynamodbav:"id"`
	UserID string `dynamodbav:"userId"`
	// Provider is the provider whose identity proved the address, such as "Google".
	// Empty means that a code sent to the address did.
	Provider  string `dynamodbav:"provider,omitempty"`
	StartedAt int64  `dynamodbav:"startedAt"`
	// Proven reports whether the act happened: the identity was checked, or Cognito
	// took the code. False means refused, under way or unknown.
	Proven bool `dynamodbav:"proven,omitempty"`
	// EndedAt is when everything had ended. Zero means not yet.
	EndedAt int64 `dynamodbav:"endedAt,omitempty"`
	// PINs, Devices and Providers are what ended, for the e-mail to the user.
	PINs      int      `dynamodbav:"pins,omitempty"`
	Devices   int      `dynamodbav:"devices,omitempty"`
	Providers []string `dynamodbav:"providers,stringset,omitempty"`
}
