package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// Goals holds one item for each savings goal of a user.
var Goals = &Table{
	Name:         "Goals",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "goalId", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// Goal is an item of Goals. Times are in epoch milliseconds. Texts that users write are
// stored under the user's data key.
type Goal struct {
	UserID string `dynamodbav:"userId"`
	// GoalID sorts by the time of creation (store.TimeOrderedID).
	GoalID string `dynamodbav:"goalId"`

	Title       EncryptedString `dynamodbav:"title"`
	Description EncryptedString `dynamodbav:"description,omitempty"`
	Category    EncryptedString `dynamodbav:"category,omitempty"`

	// Type and Priority are values of GoalType and GoalPriority in the contract.
	Type     string `dynamodbav:"type"`
	Priority string `dynamodbav:"priority"`

	TargetAmount  money.Amount  `dynamodbav:"targetAmount"`
	CurrentAmount money.Amount  `dynamodbav:"currentAmount"`
	TargetDate    int64         `dynamodbav:"targetDate"`
	Paused        bool          `dynamodbav:"paused"`
	AutoSave      *GoalAutoSave `dynamodbav:"autoSave,omitempty"`
	// Contributions are the last ones, the newest last, and Earlier is the sum of those
	// before them: with it they add up to CurrentAmount.
	Contributions []GoalContribution `dynamodbav:"contributions,omitempty"`
	Earlier       money.Amount       `dynamodbav:"earlier"`
	// ReachedAt is when the current amount first was the target amount or more. It stays
	// when the user takes money out or raises the target. Zero means never.
	ReachedAt int64 `dynamodbav:"reachedAt,omitempty"`

	CreatedAt int64 `dynamodbav:"createdAt"`
	UpdatedAt int64 `dynamodbav:"updatedAt"`
}

// GoalAutoSave is what the app saves by itself for a goal.
type GoalAutoSave struct {
	Enabled bool         `dynamodbav:"enabled"`
	Amount  money.Amount `dynamodbav:"amount"`
	// Frequency is weekly, monthly or per_transaction.
	Frequency      string `dynamodbav:"frequency"`
	RoundUpEnabled bool   `dynamodbav:"roundUpEnabled"`
}

// GoalContribution is a change of a goal's current amount. It has no text of the user.
type GoalContribution struct {
	// ID is a keyed hash of the source and the timestamp that came with the contribution.
	// It is empty for a new total, such as the app sends.
	ID string `dynamodbav:"id,omitempty"`
	// Amount is negative for money that was taken out.
	Amount money.Amount `dynamodbav:"amount"`
	// At is when it was written, in epoch milliseconds.
	At int64 `dynamodbav:"at"`
}
