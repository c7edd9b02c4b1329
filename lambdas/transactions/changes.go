package transactions

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ChangeKind is what happened to a transaction.
type ChangeKind string

// The kinds of changes.
const (
	TransactionCreated ChangeKind = "created"
	TransactionEdited  ChangeKind = "changed"
	TransactionDeleted ChangeKind = "deleted"
)

// TransactionChanged says what happened to a transaction. It has no text of the user.
type TransactionChanged struct {
	UserID        string            `json:"userId"`
	TransactionID string            `json:"transactionId"`
	Kind          ChangeKind        `json:"kind"`
	Before        *TransactionState `json:"before,omitempty"`
	After         *TransactionState `json:"after,omitempty"`
}

// TransactionState is what of a transaction counts in totals.
type TransactionState struct {
	Day      string       `json:"day"`
	Amount   money.Amount `json:"amount"`
	Category string       `json:"category"`
	Excluded bool         `json:"excluded"`
	// MerchantHash is the keyed hash of the merchant, empty for none.
	MerchantHash string `json:"merchantHash,omitempty"`
}

// Changed has a message for each transaction that is created, changed or deleted, under
// the transaction's id and the version of the write.
var Changed = function.NewTopic[TransactionChanged]("transaction-changed", "A transaction of a user was created, changed or deleted.")

// Changes follows the changes of transactions.
var Changes = function.Define(function.Spec[*changes]{
	Name:    "transactions-changes",
	Purpose: "Publishes which transactions were created, changed and deleted, from the changes of the table.",
	New: func(resources *function.Resources) (*changes, error) {
		return &changes{messaging.Open(resources, Changed)}, nil
	},
	Events:      []function.EventOf[*changes]{function.Changes(tables.Transactions, (*changes).Publish)},
	Permissions: function.Permissions{Publishes: []*function.Topic{Changed.Topic}},
})

type changes struct {
	changed interface {
		Publish(ctx context.Context, id string, message TransactionChanged) error
	}
}

// storedState is what of an item tells what happened.
type storedState struct {
	UserID        string       `dynamodbav:"userId"`
	TransactionID string       `dynamodbav:"transactionId"`
	Day           string       `dynamodbav:"day"`
	Amount        money.Amount `dynamodbav:"amount"`
	Category      string       `dynamodbav:"category"`
	Excluded      bool         `dynamodbav:"excluded"`
	MerchantHash  string       `dynamodbav:"merchantHash"`
	DeletedAt     int64        `dynamodbav:"deletedAt"`
	Version       string       `dynamodbav:"version"`
}

// state returns what counts in totals, nil when the transaction does not exist.
func (s *storedState) state() *TransactionState {
	if s == nil || s.DeletedAt != 0 {
		return nil
	}
	return &TransactionState{s.Day, s.Amount, s.Category, s.Excluded, s.MerchantHash}
}

// Publish publishes what happened to a transaction. The same change again publishes the
// same message under the same id.
func (c *changes) Publish(ctx context.Context, change function.Change[storedState]) error {
	item := change.New
	if item == nil {
		item = change.Old
	}
	message := TransactionChanged{
		UserID: item.UserID, TransactionID: item.TransactionID, Kind: TransactionEdited,
		Before: change.Old.state(), After: change.New.state(),
	}
	switch {
	case message.Before == nil && message.After == nil:
		return nil // what is left of a deleted row is erased
	case message.Before == nil:
		message.Kind = TransactionCreated
	case message.After == nil:
		message.Kind = TransactionDeleted
	}
	return c.changed.Publish(ctx, item.TransactionID+"#"+item.Version+"#"+string(message.Kind), message)
}
