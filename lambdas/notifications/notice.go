package notifications

import (
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Notice is something that a user is told in the feed of the app and by push. It has no
// text of the user.
type Notice struct {
	UserID string `json:"userId"`
	// Cause names the cause, such as "goal-" and the goal's id, so that one cause leads to
	// one notification. At is when it happened, in epoch milliseconds.
	Cause string `json:"cause"`
	At    int64  `json:"at"`
	// CausedAt is since when the data has been stored that the notice tells of, in epoch
	// milliseconds (erasure.Source). At says the day of a payment, too.
	CausedAt int64 `json:"causedAt"`
	// Type is a NotificationType of the contract, such as "budget".
	Type string `json:"type"`
	// Event says what happened: one of the events of texts.go.
	Event string `json:"event"`

	GoalID        string       `json:"goalId,omitempty"`
	BudgetID      string       `json:"budgetId,omitempty"`
	TransactionID string       `json:"transactionId,omitempty"`
	Category      string       `json:"category,omitempty"`
	Day           string       `json:"day,omitempty"`
	Threshold     int          `json:"threshold,omitempty"`
	Limit         money.Amount `json:"limit"`
	Amount        money.Amount `json:"amount"`
	Before        money.Amount `json:"before"`
}

// Noticed has a message for each notice, under the cause, since ids of messages are logged. It is the
// fan-out to the feed and to push.
var Noticed = function.NewTopic[Notice]("notice", "There is something to tell a user.")

// source is what is written about the notice follows from.
func (n Notice) source() erasure.Source { return erasure.CausedAt(n.CausedAt) }

// Item returns the notification of the notice, as the feed has it.
func (n Notice) Item() tables.Notification {
	at := time.UnixMilli(n.At)
	return tables.Notification{
		UserID: n.UserID, ID: store.TimeOrderedID(at, n.Cause), Type: n.Type, Event: n.Event,
		GoalID: n.GoalID, BudgetID: n.BudgetID, TransactionID: n.TransactionID, Category: n.Category, Day: n.Day,
		Threshold: n.Threshold, Limit: n.Limit, Amount: n.Amount, Before: n.Before, CreatedAt: n.At, ExpiresAt: at.Add(retention).Unix(),
	}
}
