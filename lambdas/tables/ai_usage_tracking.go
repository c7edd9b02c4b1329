package tables

// AIUsageTracking holds what each user has used of the model in a month, and what the
// stage has: package aiusage says how. It is not UserContent: a user who erases their
// data keeps what they have used.
var AIUsageTracking = &Table{
	Name:         "AIUsageTracking",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "period", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
}

// AIUsageStage is the UserID of the items of the whole stage. No user has it, since
// Cognito's ids are UUIDs.
const AIUsageStage = "stage"

// AIUsage is an item of AIUsageTracking. Costs are in billionths of a USD. A stage's
// items have the cost alone.
type AIUsage struct {
	UserID string `dynamodbav:"userId"`
	// Period is the calendar month in UTC, YYYY-MM; the stage has items of days too.
	Period string `dynamodbav:"period"`
	// Cost is what the settled calls cost.
	Cost         int64 `dynamodbav:"cost"`
	InputTokens  int64 `dynamodbav:"inputTokens,omitempty"`
	OutputTokens int64 `dynamodbav:"outputTokens,omitempty"`
	// Calls counts the settled calls of the month by kind.
	Calls map[string]int `dynamodbav:"calls,omitempty"`
	// Day and Hour are what Daily and Hourly count, by kind: YYYY-MM-DD and YYYY-MM-DDTHH.
	Day    string         `dynamodbav:"day,omitempty"`
	Daily  map[string]int `dynamodbav:"daily,omitempty"`
	Hour   string         `dynamodbav:"hour,omitempty"`
	Hourly map[string]int `dynamodbav:"hourly,omitempty"`
	// Held are the calls under way, by a random id.
	Held      map[string]AIHold `dynamodbav:"held,omitempty"`
	Version   string            `dynamodbav:"version,omitempty"`
	ExpiresAt int64             `dynamodbav:"expiresAt"` // in epoch seconds
}

// AIHold is a call under way, which counts as if it was done.
type AIHold struct {
	Kind string `dynamodbav:"kind"`
	Cost int64  `dynamodbav:"cost"`
	At   int64  `dynamodbav:"at"` // in epoch milliseconds
}
