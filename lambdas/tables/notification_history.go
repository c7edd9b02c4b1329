package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// NotificationHistory holds one item for each notification of a user.
var NotificationHistory = &Table{
	Name:         "NotificationHistory",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// Notification is an item of NotificationHistory. Title and message are composed when it
// is shown, from its Event and the item that it is about. Times are in epoch milliseconds.
type Notification struct {
	UserID string `dynamodbav:"userId"`
	// ID sorts by time. A message that comes again makes the same id.
	ID string `dynamodbav:"id"`
	// Type is a NotificationType of the contract, such as "insight".
	Type string `dynamodbav:"type"`
	// Event is what happened, such as "goal-reached".
	Event string `dynamodbav:"event"`
	// GoalID is the goal that it is about, if any.
	GoalID string `dynamodbav:"goalId,omitempty"`
	// BudgetID is the budget that it is about, if any. Threshold, in percent of Limit, is
	// what the budget's spending has reached.
	BudgetID  string       `dynamodbav:"budgetId,omitempty"`
	Threshold int          `dynamodbav:"threshold,omitempty"`
	Limit     money.Amount `dynamodbav:"limit"`
	// TransactionID is the transaction that it is about, if any.
	TransactionID string `dynamodbav:"transactionId,omitempty"`
	// Category is the canonical code of the category that it is about, if any.
	Category string `dynamodbav:"category,omitempty"`
	// Day is the calendar day that it is about, YYYY-MM-DD, if any.
	Day string `dynamodbav:"day,omitempty"`
	// Amount is the amount that it is about: a goal's target, or a budget's spending. Before
	// is what it was before, for a price that rose.
	Amount money.Amount `dynamodbav:"amount"`
	Before money.Amount `dynamodbav:"before"`
	Read   bool         `dynamodbav:"read"`
	// CreatedAt is when it happened.
	CreatedAt int64 `dynamodbav:"createdAt"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}

// NotificationWithText is an item of NotificationHistory with the text that a client sent.
// Other items have none.
type NotificationWithText struct {
	Notification
	// Text is the JSON of the title, the message and the data.
	Text EncryptedString `dynamodbav:"text,omitempty"`
}
