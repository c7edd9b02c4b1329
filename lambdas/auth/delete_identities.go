package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// maxAppleOutage is how long a deletion waits for Apple, after everything but the
// account is erased. It is long for an outage, and short compared to the month that an
// erasure may take (https://gdpr-info.eu/art-12-gdpr/).
const maxAppleOutage = 24 * time.Hour

// removeIdentities removes the account's identities, and revokes the authorization at
// Apple. An erased account has neither.
func (d *deleteAccount) removeIdentities(ctx context.Context, deletion tables.AccountDeletion) error {
	account, err := d.accounts.Get(ctx, deletion.UserID)
	if errors.Is(err, accounts.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, id := range account.Identities {
		if err := d.identities.Forget(ctx, id, account.UserID); err != nil {
			return err
		}
	}
	if account.AppleRefreshToken == "" {
		return nil
	}
	err = d.apple.Revoke(ctx, account.AppleClientID, string(account.AppleRefreshToken))
	if err != nil && d.now().Sub(time.UnixMilli(deletion.StartedAt)) > maxAppleOutage {
		telemetry.FromContext(ctx).ErrorContext(ctx, "revoke Apple authorization failed", "error", err.Error())
		return nil
	}
	if err != nil {
		return fmt.Errorf("revoke the authorization at Apple: %w", err)
	}
	return nil
}
