package transactions

import (
	"context"
	"slices"

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
	// At is when the transaction was written, in epoch milliseconds. For one that is no
	// longer stored, it is the time of the last write.
	At int64 `json:"at"`
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
// the transaction's id and the version of the write. Those of a user that come together are
// elements of one message, up to maxTogether: an import changes thousands within seconds.
var Changed = function.NewTopic[TransactionChanged]("transaction-changed", "A transaction of a user was created, changed or deleted.")

// Changes follows the changes of transactions.
var Changes = function.Define(function.Spec[*changes]{
	Name:    "transactions-changes",
	Purpose: "Publishes which transactions were created, changed and deleted, from the changes of the table.",
	New: func(resources *function.Resources) (*changes, error) {
		return &changes{messaging.Open(resources, Changed)}, nil
	},
	Events:      []function.EventOf[*changes]{function.ChangesTogether(tables.Transactions, (*changes).Publish)},
	Permissions: function.Permissions{Publishes: []*function.Topic{Changed.Topic}},
})

type changes struct {
	changed interface {
		PublishAll(ctx context.Context, id string, messages []TransactionChanged) error
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
	WrittenAt     int64        `dynamodbav:"writtenAt"` // store.WrittenAt
}

// state returns what counts in totals, nil when the transaction does not exist.
func (s *storedState) state() *TransactionState {
	if s == nil || s.DeletedAt != 0 {
		return nil
	}
	return &TransactionState{s.Day, s.Amount, s.Category, s.Excluded, s.MerchantHash}
}

// maxTogether is how many changes a message has. A change has some 400 bytes, and a message
// up to 256 KB.
const maxTogether = 100

// together is the changes of one message, under the id of the first.
type together struct {
	id      string
	changes []TransactionChanged
}

// Publish publishes what happened to transactions, for each user. The same changes again
// publish the same messages under the same ids.
func (c *changes) Publish(ctx context.Context, all []function.Change[storedState]) error {
	var pending []together
	for _, change := range all {
		id, message, happened := changeOf(change)
		if !happened {
			continue
		}
		i := slices.IndexFunc(pending, func(t together) bool {
			return t.changes[0].UserID == message.UserID && len(t.changes) < maxTogether
		})
		if i < 0 {
			i, pending = len(pending), append(pending, together{id: id})
		}
		pending[i].changes = append(pending[i].changes, message)
	}
	for _, t := range pending {
		if err := c.changed.PublishAll(ctx, t.id, t.changes); err != nil {
			return err
		}
	}
	return nil
}

// changeOf returns what happened to a transaction, and the id under which it is published.
// It returns false when nothing did.
func changeOf(change function.Change[storedState]) (string, TransactionChanged, bool) {
	item := change.New
	if item == nil {
		item = change.Old
	}
	message := TransactionChanged{
		UserID: item.UserID, TransactionID: item.TransactionID, Kind: TransactionEdited,
		Before: change.Old.state(), After: change.New.state(), At: item.WrittenAt,
	}
	switch {
	case message.Before == nil && message.After == nil:
		return "", message, false // what is left of a deleted row is erased
	case message.Before == nil:
		message.Kind = TransactionCreated
	case message.After == nil:
		message.Kind = TransactionDeleted
	}
	return item.TransactionID + "#" + item.Version + "#" + string(message.Kind), message, true
}
