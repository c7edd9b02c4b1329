package recovery

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"

	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Unlink removes the identities of one provider from an account. It ends all of the
// account's sessions, because it is not recorded which of them began with the
// identity. It returns how many identities it removed, even with an error, or
// ErrNoAccount. It can be repeated.
func (r *Recoveries) Unlink(ctx context.Context, userID, provider string) (int, error) {
	account, err := r.Account(ctx, userID)
	if err != nil {
		return 0, err
	}
	var ended []tables.UserIdentity
	for _, id := range account.Identities {
		identity, err := r.identities.Get(ctx, store.Key{id}, store.Consistent)
		switch {
		case errors.Is(err, store.ErrNotFound):
			ended = append(ended, tables.UserIdentity{ID: id}) // left by an interrupted attempt
		case err != nil:
			return 0, err
		case identity.Provider == provider:
			ended = append(ended, *identity)
		}
	}
	if len(ended) > 0 {
		change, err := r.forget(ctx, account, ended, expression.UpdateBuilder{})
		if err != nil {
			return 0, fmt.Errorf("unlink identity: %w", err)
		}
		if _, err := r.accounts.Update(ctx, store.Key{userID}, change); err != nil {
			return 0, fmt.Errorf("unlink identity: %w", err)
		}
	}
	return len(ended), r.endSessions(ctx, userID, "identity unlinked")
}
