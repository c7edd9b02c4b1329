package erasure

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// GuardPermissions are what a function declares that opens a Guard.
var GuardPermissions = function.Permissions{Tables: []tables.Grant{tables.Users.Allow(tables.ConditionCheckItem)}}

// ErrUnfinished is returned for a write that follows from stored items while the user's
// data is being erased, or that read them then. The consumer of a message returns it, so
// that the message comes again when the erasure has ended.
var ErrUnfinished = errors.New("the user's data is being erased")

// Guard keeps what follows from erased data from being written. A message may wait in a
// queue for weeks, and a request may compute for seconds from what it has read. So each
// write says what it follows from, and depends on the user's account, which has the
// boundary of the last erasure.
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

// Write does writes about a user, all or none. It does none, and returns no error, when
// the user has no account, the source is erased, or a condition of the writes does not
// hold: the items that a message is about are gone, or the message came before. It does
// none and returns ErrUnfinished when the source was read too early.
func (g *Guard) Write(ctx context.Context, userID string, source Source, writes ...store.Write) error {
	return store.IgnoreConditionFailed(g.write(ctx, userID, source, writes))
}

// TryWrite is Write that reports whether it did the writes.
func (g *Guard) TryWrite(ctx context.Context, userID string, source Source, writes ...store.Write) (bool, error) {
	err := g.write(ctx, userID, source, writes)
	return err == nil, store.IgnoreConditionFailed(err)
}

// Check makes a transaction depend on the user's account and on the source not being erased.
func (g *Guard) Check(userID string, source Source) store.Write {
	return g.users.TxConditionCheck(store.Key{userID}, source.conditions()...)
}

func (g *Guard) write(ctx context.Context, userID string, source Source, writes []store.Write) error {
	if source == (Source{}) {
		return errors.New("a guarded write without its source")
	}
	err := store.Transact(ctx, g.client, slices.Concat([]store.Write{g.Check(userID, source)}, writes)...)
	var refused *store.TransactionError
	onlyAccount := errors.As(err, &refused) && slices.Equal(refused.Failed, []int{0})
	if !onlyAccount || source.readAt == 0 {
		return err
	}
	// Without the time of the read, the check holds for an account that is there.
	if err := store.Transact(ctx, g.client, g.Check(userID, source.withoutRead())); err != nil {
		return err
	}
	return ErrUnfinished
}
