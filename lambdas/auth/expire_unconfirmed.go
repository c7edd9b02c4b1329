package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// expire deletes an unconfirmed account, and keeps a confirmed one. The deletion is
// recorded before expire checks the user, and a confirmation checks for a deletion
// after it confirms the user. So the later of the two sees the earlier: either the
// account stays, or the client that confirms is told that the code has expired
// (verification.checkNotExpired, social.linkIdentity). No e-mail is sent, because the
// address may belong to a person who never used the app.
func (d *deleteAccount) expire(ctx context.Context, deletion tables.AccountDeletion) error {
	account, err := d.accounts.Get(ctx, deletion.UserID)
	if errors.Is(err, accounts.ErrNotFound) { // the account is erased last, so every step is done
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
	if found { // the user is deleted first, so no step is done
		event := securityevents.Event{Kind: securityevents.AccountExpired, UserID: account.UserID, Account: account.Username}
		if err := d.events.Record(ctx, event); err != nil {
			return err
		}
	}
	return d.erase(ctx, deletion)
}
