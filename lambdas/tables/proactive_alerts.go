package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// ProactiveAlerts holds one item for each alert of a user. The id is made of the cause, so
// that one cause leads to one alert, also after the user has dismissed it.
var ProactiveAlerts = &Table{
	Name:         "ProactiveAlerts",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// AlertStatus is what a user has done with an alert, as the contract spells it.
type AlertStatus string

// The statuses. A user changes an alert from the first to one of the others.
const (
	AlertPending      AlertStatus = "PENDING"
	AlertAcknowledged AlertStatus = "ACKNOWLEDGED"
	AlertDismissed    AlertStatus = "DISMISSED"
)

// ProactiveAlert is an item of ProactiveAlerts. It has no text: title and message are
// composed when it is shown. Times are in epoch milliseconds.
type ProactiveAlert struct {
	UserID string `dynamodbav:"userId"`
	// ID names the cause, such as "goal-" and the goal's id.
	ID string `dynamodbav:"id"`
	// Type and Priority are values of the contract, such as GOAL_ACHIEVED and MEDIUM.
	Type     string      `dynamodbav:"type"`
	Priority string      `dynamodbav:"priority"`
	Status   AlertStatus `dynamodbav:"status"`
	// Event is what happened, such as "goal-reached".
	Event string `dynamodbav:"event"`

	GoalID        string `dynamodbav:"goalId,omitempty"`
	BudgetID      string `dynamodbav:"budgetId,omitempty"`
	TransactionID string `dynamodbav:"transactionId,omitempty"`
	// Category is a canonical code.
	Category string `dynamodbav:"category,omitempty"`
	// Day is a calendar day, YYYY-MM-DD.
	Day string `dynamodbav:"day,omitempty"`
	// Threshold is in percent of Limit, for a budget.
	Threshold int          `dynamodbav:"threshold,omitempty"`
	Limit     money.Amount `dynamodbav:"limit"`
	Amount    money.Amount `dynamodbav:"amount"`
	// Before is the price before a rise to Amount.
	Before money.Amount `dynamodbav:"before"`

	// CausedAt is when the cause was stored that the alert tells of, or when the items were
	// read that it follows from.
	CausedAt int64 `dynamodbav:"causedAt,omitempty"`
	// Published says that the notice of the alert is published.
	Published bool `dynamodbav:"published,omitempty"`
	// CreatedAt is when it happened.
	CreatedAt int64 `dynamodbav:"createdAt"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}
