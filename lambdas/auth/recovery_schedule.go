package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Recovery finishes recoveries of accounts, and unlinks identities for operators.
var Recovery = function.Define(function.Spec[*recoveries]{
	Name:     "auth-recovery",
	Purpose:  "Finishes interrupted recoveries of accounts, and unlinks an identity at an operator's command.",
	MemoryMB: waitingMB,
	New:      newRecoveries,
	Events: []function.EventOf[*recoveries]{
		function.OnSchedule(5*time.Minute, (*recoveries).Resume),
		function.Command("unlink-identity", (*recoveries).Unlink),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.AccountRecoveries.Allow(tables.Query),
			tables.Users.Allow(tables.GetItem, tables.UpdateItem),
			tables.UserEmails.Allow(tables.GetItem),
			tables.UserIdentities.Allow(tables.GetItem, tables.DeleteItem),
			tables.RateLimits.Allow(tables.UpdateItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys:      []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool:  []function.UserPoolOperation{function.AdminGetUser, function.AdminSetUserPassword},
		SendEmail: true,
	}.And(recovery.Permissions()),
	Timeout: time.Minute, // an interrupted recovery takes up to a second, and there are few
})

type recoveries struct {
	recoverer
	queue interface {
		Pending(ctx context.Context) ([]tables.AccountRecovery, error)
		// Unlink returns how many identities of the provider there were.
		Unlink(ctx context.Context, userID, provider string) (int, error)
	}
	pool interface {
		userFinder
		SetRandomPassword(ctx context.Context, username string) error
	}
	emails usernameFinder
}

func newRecoveries(resources *function.Resources) (*recoveries, error) {
	pool := userpool.OpenAdmin(resources)
	steps := recovery.Open(resources, pool)
	return &recoveries{
		recoverer: recoverer{steps: steps, events: securityevents.Open(resources), sender: email.Open(resources), now: time.Now},
		queue:     steps,
		pool:      pool,
		emails:    accounts.OpenEmails(resources),
	}, nil
}

// recoveryDeadlineMargin is the time before the deadline of a run at which it starts no
// further recovery.
const recoveryDeadlineMargin = 10 * time.Second

// Resume finishes every recovery that was interrupted.
func (r *recoveries) Resume(ctx context.Context) error {
	pending, err := r.queue.Pending(ctx)
	problems := []error{err}
	for _, entry := range pending {
		if endsWithin(ctx, r.now(), recoveryDeadlineMargin) {
			break
		}
		if err := r.resume(ctx, entry); err != nil {
			problems = append(problems, fmt.Errorf("finish the recovery of an account: %w", err))
		}
	}
	return errors.Join(problems...)
}

// resume finishes a recovery. A recovery by an identity, of an account that is still
// unconfirmed, has changed nothing that matters: the next sign-in repeats it.
func (r *recoveries) resume(ctx context.Context, entry tables.AccountRecovery) error {
	user, found, err := r.pool.Find(ctx, entry.UserID)
	if err != nil {
		return err
	}
	if !found || entry.Provider != "" && user.Unconfirmed {
		return r.steps.Finish(ctx, entry)
	}
	if entry.Provider != "" && entry.EndedAt == 0 {
		account, err := r.steps.Account(ctx, entry.UserID)
		if err == nil && account.Superseded(entry) {
			err = recovery.ErrSuperseded
		}
		if err != nil {
			return ignoreObsolete(r.finishIfObsolete(ctx, entry, err))
		}
		if err := r.pool.SetRandomPassword(ctx, entry.UserID); err != nil {
			return err
		}
	}
	return ignoreObsolete(r.complete(ctx, &entry, user))
}

// ignoreObsolete returns nil for an entry without remaining steps.
func ignoreObsolete(err error) error {
	if errors.Is(err, recovery.ErrNoAccount) || errors.Is(err, recovery.ErrSuperseded) {
		return nil
	}
	return err
}
