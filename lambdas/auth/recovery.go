package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// recoverer gives an account back to the proven owner of its address. Sessions, PINs,
// devices and identities that opened the account before are ended.
type recoverer struct {
	steps interface {
		Start(ctx context.Context, entry tables.AccountRecovery) (tables.AccountRecovery, error)
		Account(ctx context.Context, userID string) (recovery.Account, error)
		// End returns recovery.ErrNoAccount or recovery.ErrSuperseded.
		End(ctx context.Context, entry *tables.AccountRecovery) error
		Finish(ctx context.Context, entry tables.AccountRecovery) error
	}
	events securityevents.EventRecorder
	sender interface {
		Send(ctx context.Context, to string, message emailtemplates.Message) error
	}
	now func() time.Time
}

// complete runs the remaining steps of a recovery, and sends the user an e-mail. After
// an error the schedule continues the recovery.
func (r *recoverer) complete(ctx context.Context, entry *tables.AccountRecovery, user userpool.User) error {
	if entry.EndedAt == 0 {
		if err := r.steps.End(ctx, entry); err != nil {
			return r.finishIfObsolete(ctx, *entry, err)
		}
	}
	kind := securityevents.PasswordReset
	if entry.Provider != "" {
		kind = securityevents.AccountRecovered
	}
	if err := r.events.Record(ctx, securityevents.Event{Kind: kind, UserID: entry.UserID}); err != nil {
		return err
	}
	if err := r.sender.Send(ctx, user.Email, r.message(*entry)); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "send recovery e-mail failed", "error", err.Error())
	}
	return r.steps.Finish(ctx, *entry)
}

// finishIfObsolete removes an entry without remaining steps, and returns err. Any other
// error of End it returns unchanged, and End must be repeated.
func (r *recoverer) finishIfObsolete(ctx context.Context, entry tables.AccountRecovery, err error) error {
	if errors.Is(err, recovery.ErrNoAccount) || errors.Is(err, recovery.ErrSuperseded) {
		return errors.Join(err, r.steps.Finish(ctx, entry))
	}
	return err
}

func (r *recoverer) message(entry tables.AccountRecovery) emailtemplates.Message {
	ended := emailtemplates.Ended{PINs: entry.PINs, Devices: entry.Devices}
	for _, provider := range entry.Providers {
		ended.Providers = append(ended.Providers, emailtemplates.Provider(provider))
	}
	if entry.Provider == "" {
		return emailtemplates.PasswordChanged{At: r.now(), Ended: ended}
	}
	return emailtemplates.AccountRecovered{Provider: emailtemplates.Provider(entry.Provider), At: r.now(), Ended: ended}
}
