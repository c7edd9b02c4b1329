// Package chatretention keeps messages of the chat for as long as their user allows.
//
//	err := p.messages.Forget(ctx, caller.UserID)
//
// A message is kept for Ordinary. A user may consent to Consented, and withdraw the
// consent: Forget then deletes all messages that were kept under it. Package accounts knows who
// has consented.
package chatretention

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Messages are kept for Ordinary, and with the user's consent for Consented.
const (
	Ordinary  = 90 * 24 * time.Hour
	Consented = 365 * 24 * time.Hour
)

// page is how many messages are read and deleted at a time.
const page = 500

// Permissions are the permissions for Forget.
var Permissions = function.Permissions{Tables: []tables.Grant{tables.AIChatHistory.Allow(tables.Query, tables.BatchWriteItem)}}

// Messages deletes messages. It is safe for concurrent use.
type Messages struct {
	items *store.Table[store.SealedItem]
}

// OpenMessages returns the messages for a function that declares Permissions.
func OpenMessages(resources *function.Resources) *Messages {
	return &Messages{store.Open[store.SealedItem](resources, tables.AIChatHistory)}
}

// NewMessages returns the messages in this table.
func NewMessages(client store.Client, name string) *Messages {
	return &Messages{store.New[store.SealedItem](client, name, tables.AIChatHistory)}
}

// Forget deletes the messages of the user that were kept under a consent. It may be
// repeated. It returns the errors of DynamoDB.
func (m *Messages) Forget(ctx context.Context, userID string) error {
	_, err := m.items.DeleteAll(ctx, store.Query{
		Partition: userID, Sort: expression.Key("id").BeginsWith(tables.AIMessagePrefix), Filter: expression.Name("consented").Equal(expression.Value(true)),
		Limit: page, Consistency: store.Consistent,
	})
	return err
}
