package erasure

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// GuardPermissions are what a function declares that opens a Guard.
var GuardPermissions = function.Permissions{Tables: []tables.Grant{tables.Users.Allow(tables.ConditionCheckItem)}}

// Guard keeps consumers of messages from writing items of a user who is erased. A
// request writes within 30 s, and erasures come back for that. A message may wait in a
// queue for weeks.
type Guard struct {
	client store.Client
	users  *store.Table[store.SealedItem]
}

// OpenGuard returns the guard for a function that declares GuardPermissions.
func OpenGuard(resources *function.Resources) *Guard {
	return NewGuard(dynamodb.NewFromConfig(resources.AWS), resources.Table(tables.Users))
}

// NewGuard returns the guard over the Users table of this name.
func NewGuard(client store.Client, users string) *Guard {
	return &Guard{client, store.New[store.SealedItem](client, users, tables.Users)}
}

// Write does the writes of a message about a user, all or none. It does none, and
// returns no error, when the user has no account or a condition of the writes does not
// hold: the items that the message is about are gone, or the message came before.
func (g *Guard) Write(ctx context.Context, userID string, writes ...store.Write) error {
	return store.IgnoreConditionFailed(g.write(ctx, userID, writes))
}

// TryWrite is Write that reports whether it did the writes.
func (g *Guard) TryWrite(ctx context.Context, userID string, writes ...store.Write) (bool, error) {
	err := g.write(ctx, userID, writes)
	return err == nil, store.IgnoreConditionFailed(err)
}

func (g *Guard) write(ctx context.Context, userID string, writes []store.Write) error {
	account := g.users.TxConditionCheck(store.Key{userID})
	return store.Transact(ctx, g.client, append([]store.Write{account}, writes...)...)
}
