package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// DeleteAccount deletes accounts. The request runs as many steps as it can, and a
// schedule runs the rest.
var DeleteAccount = function.Define(function.Spec[*deleteAccount]{
	Name:     "auth-delete-account",
	Purpose:  "Deletes the caller's account and all of its data, and finishes interrupted deletions.",
	MemoryMB: waitingMB,
	New:      newDeleteAccount,
	Routes: []function.RouteOf[*deleteAccount]{
		function.SignedIn("DELETE /auth/delete-account", (*deleteAccount).Delete, function.Limits(function.Limit{Requests: 5, Per: time.Hour})),
	},
	Events: []function.EventOf[*deleteAccount]{function.OnSchedule(5*time.Minute, (*deleteAccount).Resume)},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem, tables.DeleteItem),
			tables.UserEmails.Allow(tables.DeleteItem),
			tables.UserIdentities.Allow(tables.DeleteItem),
			tables.AccountDeletions.Allow(tables.PutItem, tables.UpdateItem, tables.DeleteItem, tables.Query),
			tables.DataErasures.Allow(tables.DeleteItem),
			tables.RevokedTokens.Allow(tables.PutItem),
			tables.SecurityEvents.Allow(tables.PutItem),
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
		Secrets:   []*secrets.Secret{secrets.Apple},
		UserPool:  []function.UserPoolOperation{function.AdminDeleteUser, function.AdminGetUser},
		SendEmail: true,
		External:  []function.Service{function.Apple},
	}.And(function.Permissions{Tables: erasure.AccountGrants()}),
	Timeout: 20 * time.Second, // Apple may take 5 s of it
})

type deleteAccount struct {
	accounts interface {
		// Get returns accounts.ErrNotFound when the user has no account.
		Get(ctx context.Context, userID string) (*tables.User, error)
		Erase(ctx context.Context, userID string) error
	}
	emails interface {
		Hash(ctx context.Context, address string) (string, error)
		Forget(ctx context.Context, hash, userID string) error
	}
	identities interface {
		Forget(ctx context.Context, id, userID string) error
	}
	apple interface {
		Revoke(ctx context.Context, clientID, refreshToken string) error
	}
	sessions interface {
		RevokeAllTokens(ctx context.Context, userID, reason string) error
	}
	pool interface {
		Find(ctx context.Context, userID string) (userpool.User, bool, error)
		DeleteUser(ctx context.Context, userID string) error
	}
	eraser interface {
		Erase(ctx context.Context, userID string) (int, error)
	}
	erasures interface {
		Forget(ctx context.Context, userID string) error
	}
	queue interface {
		Start(ctx context.Context, deletion tables.AccountDeletion) error
		Pending(ctx context.Context) ([]tables.AccountDeletion, error)
		MarkErased(ctx context.Context, userID string, at time.Time) error
		Finish(ctx context.Context, userID string) error
		CancelIfUnconfirmed(ctx context.Context, userID string) error
	}
	sender interface {
		Send(ctx context.Context, to string, message emailtemplates.Message) error
	}
	events securityevents.EventRecorder
	now    func() time.Time
}

func newDeleteAccount(resources *function.Resources) (*deleteAccount, error) {
	apple, err := openApple(resources)
	if err != nil {
		return nil, err
	}
	return &deleteAccount{
		accounts:   accounts.Open(resources),
		emails:     accounts.OpenEmails(resources),
		identities: accounts.OpenIdentities(resources),
		apple:      apple,
		sessions:   guard.OpenRevocations(resources),
		pool:       userpool.OpenAdmin(resources),
		eraser:     erasure.Open(resources, erasure.Account()),
		erasures:   erasure.OpenQueue(resources),
		queue:      accounts.OpenDeletions(resources),
		sender:     email.Open(resources),
		events:     securityevents.Open(resources),
		now:        time.Now,
	}, nil
}

// Delete records the deletion, which makes it certain, and then runs its steps. The
// schedule repeats steps that fail. The response is a success, because the account is
// closed.
func (d *deleteAccount) Delete(ctx context.Context, caller function.Caller, _ function.NoInput) (function.SuccessResponse, error) {
	done := function.SuccessResponse{Success: true, Message: "Your account and your data are deleted."}
	account, err := d.accounts.Get(ctx, caller.UserID)
	if errors.Is(err, accounts.ErrNotFound) {
		return done, nil // the request is repeated
	}
	if err != nil {
		return function.SuccessResponse{}, err
	}
	hash, err := d.emails.Hash(ctx, string(account.Email))
	if err != nil {
		return function.SuccessResponse{}, err
	}
	deletion := tables.AccountDeletion{UserID: account.UserID, EmailHash: hash, StartedAt: d.now().UnixMilli()}
	if err := d.queue.Start(ctx, deletion); err != nil {
		return function.SuccessResponse{}, err
	}
	if err := d.events.Record(ctx, securityevents.Event{Kind: securityevents.AccountDeleted, UserID: account.UserID, Account: account.Username}); err != nil {
		return function.SuccessResponse{}, err
	}
	if err := d.erase(ctx, deletion); err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, "delete account failed", "error", err.Error())
	}
	if err := d.sender.Send(ctx, string(account.Email), emailtemplates.AccountDeleted{At: d.now()}); err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "send account-deleted e-mail failed", "error", err.Error())
	}
	return done, nil
}

// erase runs every step. Each step can be repeated. The account is erased last, because
// the steps before read it.
func (d *deleteAccount) erase(ctx context.Context, deletion tables.AccountDeletion) error {
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"end sessions", func() error { return d.sessions.RevokeAllTokens(ctx, deletion.UserID, "account deleted") }},
		{"delete sign-in", func() error { return d.pool.DeleteUser(ctx, deletion.UserID) }},
		// A client may have signed in between the two steps.
		{"end the last sessions", func() error { return d.sessions.RevokeAllTokens(ctx, deletion.UserID, "account deleted") }},
		{"erase data", func() error { return d.eraseData(ctx, deletion) }},
		{"free address", func() error { return d.emails.Forget(ctx, deletion.EmailHash, deletion.UserID) }},
		{"remove identities", func() error { return d.removeIdentities(ctx, deletion) }},
		{"erase account", func() error { return d.accounts.Erase(ctx, deletion.UserID) }},
		{"record", func() error { return d.queue.MarkErased(ctx, deletion.UserID, d.now()) }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("delete account: %s: %w", step.name, err)
		}
	}
	return nil
}

func (d *deleteAccount) eraseData(ctx context.Context, deletion tables.AccountDeletion) error {
	_, err := d.eraser.Erase(ctx, deletion.UserID)
	return errors.Join(err, d.erasures.Forget(ctx, deletion.UserID))
}
