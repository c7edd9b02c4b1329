package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// expire deletes an account that nobody has confirmed, and leaves one alone that
// somebody has. The deletion is entered before the user is looked at, and a
// confirmation looks for the deletion after the user is confirmed. So one of the two
// sees the other: either the account stays, or whoever confirms is told that it is
// too late (verification.checkNotExpired, social.link). Nobody is told of it by e-mail: the
// address may be that of somebody who never heard of us.
func (d *deleteAccount) expire(ctx context.Context, deletion tables.AccountDeletion) error {
	account, err := d.accounts.Get(ctx, deletion.UserID)
	if errors.Is(err, accounts.ErrNotFound) { // it goes last: everything is done
		return d.queue.MarkErased(ctx, deletion.UserID, d.now())
	}
	if err != nil {
		return fmt.Errorf("expire account: %w", err)
	}
	if deletion.EmailHash, err = d.emails.Hash(ctx, string(account.Email)); err != nil {
		return fmt.Errorf("expire account: %w", err)
	}
	user, found, err := d.pool.Find(ctx, deletion.UserID)
	if err != nil {
		return fmt.Errorf("expire account: %w", err)
	}
	if found && !user.Unconfirmed {
		return d.queue.CancelIfUnconfirmed(ctx, deletion.UserID)
	}
	if found { // nothing that matters has been done yet
		event := securityevents.Event{Kind: securityevents.AccountExpired, UserID: account.UserID, Account: account.Username}
		if err := d.events.Record(ctx, event); err != nil {
			return err
		}
	}
	return d.erase(ctx, deletion)
}
