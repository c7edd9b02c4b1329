package auth

import (
	"context"
	"errors"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/recovery"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Password replaces forgotten passwords.
var Password = function.Define(function.Spec[*password]{
	Name:     "auth-password",
	Purpose:  "Replaces a forgotten password by a code sent to the account's e-mail address.",
	MemoryMB: waitingMB,
	New:      newPassword,
	Routes: []function.RouteOf[*password]{
		emailRoute("POST /auth/forgot-password", (*password).Forgot),
		disclosingRoute("POST /auth/confirm-forgot-password", (*password).Confirm, newPasswordRequest.disclosed),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.GetItem, tables.UpdateItem),
			tables.UserEmails.Allow(tables.GetItem),
			tables.UserIdentities.Allow(tables.GetItem, tables.DeleteItem),
			tables.SecurityEvents.Allow(tables.PutItem),
			signins.KnowsGrant,
			attempts.Grant,
		},
		Keys:           []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool:       []function.UserPoolOperation{function.AdminGetUser},
		UserPoolClient: true,
		SendEmail:      true,
	}.And(recovery.Permissions()),
})

type password struct {
	pool interface {
		userFinder
		ForgotPassword(ctx context.Context, username string) error
		ConfirmForgotPassword(ctx context.Context, username, code, password string) error
	}
	emails  addressBook
	guesses *guesses
	recoverer
}

func newPassword(resources *function.Resources) (*password, error) {
	pool := userpool.Open(resources)
	return &password{
		pool:      pool,
		emails:    accounts.OpenEmails(resources),
		guesses:   newGuesses(resources, pool),
		recoverer: recoverer{steps: recovery.Open(resources, pool), events: securityevents.Open(resources), sender: email.Open(resources), now: time.Now},
	}, nil
}

func (p *password) requestGuesses() *guesses { return p.guesses }

// Forgot sends a code to the address of the account. The code opens the account, so it
// is not sent to an address that only Cognito has for the account.
func (p *password) Forgot(in codeRequest) emailRequest {
	return emailRequest{
		account:         in.Username,
		acknowledgement: "If there is such an account, a code is on its way to its e-mail address.",
		send: func(ctx context.Context, account namedAccount) error {
			_, ours, err := findUserWithMatchingEmail(ctx, p.pool, p.emails, account.username)
			if err != nil || !ours {
				return err
			}
			return p.pool.ForgotPassword(ctx, account.username)
		},
	}
}

// newPasswordRequest carries the code and the new password.
type newPasswordRequest struct {
	Username         string `json:"username" validate:"required,max=254,plaintext"`
	ConfirmationCode string `json:"confirmationCode" validate:"required,max=64,plaintext"`
	NewPassword      string `json:"newPassword" validate:"required,min=8,max=256"`
}

// disclosed returns the name if the response tells that an account has it.
func (r newPasswordRequest) disclosed(_ function.SuccessResponse, err error) string {
	if errors.Is(err, userpool.ErrExpiredResetCode) {
		return r.Username
	}
	return ""
}

func (p *password) recorder() securityevents.EventRecorder { return p.events }

// Confirm sets the new password, and ends all sessions, PINs and devices of the
// account: an attacker may have known the old password.
func (p *password) Confirm(ctx context.Context, in newPasswordRequest) (function.SuccessResponse, error) {
	account, err := p.guesses.findAccount(ctx, in.Username)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	var entry tables.AccountRecovery
	if _, err := p.guesses.check(ctx, attempts.ResetCodes, account, func() (err error) {
		entry, err = p.replace(ctx, account, in)
		return err
	}); err != nil {
		if event, guessed := refusedCode(account.username, err); guessed {
			err = errors.Join(err, p.events.Record(ctx, event))
		}
		return function.SuccessResponse{}, err
	}
	p.finishReset(ctx, account, entry)
	return function.SuccessResponse{Success: true, Message: "Your password is changed. Please sign in with it."}, nil
}

// replace replaces the password. It enters the recovery first, so that the schedule
// completes it when the function dies. It withdraws the entry when Cognito refuses. The
// schedule treats an unknown outcome as a replaced password.
func (p *password) replace(ctx context.Context, account namedAccount, in newPasswordRequest) (tables.AccountRecovery, error) {
	confirm := func() error {
		return p.pool.ConfirmForgotPassword(ctx, account.username, in.ConfirmationCode, in.NewPassword)
	}
	if account.userID == "" {
		return tables.AccountRecovery{}, confirm()
	}
	entry, err := p.steps.Start(ctx, tables.AccountRecovery{UserID: account.userID})
	if err != nil {
		return tables.AccountRecovery{}, err
	}
	err = confirm()
	var refusal *apierror.Error
	if errors.As(err, &refusal) {
		p.logFailure(ctx, "withdraw recovery", p.steps.Finish(ctx, entry))
	}
	entry.Proven = err == nil
	return entry, err
}

// finishReset completes the recovery after the password is replaced. The client gets a
// success, because the password is replaced. Failures are logged and raise an alarm,
// and the schedule continues the recovery.
func (p *password) finishReset(ctx context.Context, account namedAccount, entry tables.AccountRecovery) {
	p.logFailure(ctx, "reset wrong attempts", p.guesses.forget(ctx, account))
	user, found, err := p.pool.Find(ctx, account.username)
	if err != nil || !found {
		p.logFailure(ctx, "read user", err)
		return
	}
	p.logFailure(ctx, "recover account", p.complete(ctx, &entry, user))
}

func (p *password) logFailure(ctx context.Context, operation string, err error) {
	if err != nil {
		telemetry.FromContext(ctx).ErrorContext(ctx, operation+" failed", "error", err.Error())
	}
}
