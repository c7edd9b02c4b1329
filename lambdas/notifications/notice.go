package notifications

import (
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Notice is something that a user is told: in the feed of the app, by push and in the
// digest. It has no text of the user. Times are in epoch milliseconds.
type Notice struct {
	UserID string `json:"userId"`
	// ID names the cause, such as "goal-" and the goal's id, so that one cause leads to
	// one notification. At is when it happened, and a part of the notification's id.
	ID string `json:"id"`
	At int64  `json:"at"`
	// Type is a NotificationType of the contract, such as "budget".
	Type string `json:"type"`
	// Event says what happened, as one of the events of texts.go.
	Event string `json:"event"`
	// Priority is the priority of the alert that it comes from, such as HIGH.
	Priority string `json:"priority,omitempty"`

	GoalID        string       `json:"goalId,omitempty"`
	BudgetID      string       `json:"budgetId,omitempty"`
	TransactionID string       `json:"transactionId,omitempty"`
	BillID        string       `json:"billId,omitempty"`
	Category      string       `json:"category,omitempty"`
	Day           string       `json:"day,omitempty"`
	Amount        money.Amount `json:"amount"`
	Before        money.Amount `json:"before"`
}

// Noticed has a message for each notice, under the user's id and the notice's. It is the
// fan-out to the feed, to push and to the digest.
var Noticed = function.NewTopic[Notice]("notice", "There is something to tell a user.")
