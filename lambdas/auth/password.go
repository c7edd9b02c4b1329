package auth

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/guard"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/mails"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Password replaces forgotten passwords.
var Password = function.Define(function.Spec[*password]{
	Name:    "auth-password",
	Purpose: "Replaces a forgotten password by a code sent to the account's e-mail address.",
	New:     newPassword,
	Routes: []function.RouteOf[*password]{
		emailRoute("POST /auth/forgot-password", (*password).Forgot),
		disclosingRoute("POST /auth/confirm-forgot-password", (*password).Confirm, newPasswordRequest.disclosed),
	},
	Rights: function.Rights{
		Tables: []tables.Grant{
			tables.UserEmails.Allow(tables.GetItem),
			tables.RevokedTokens.Allow(tables.PutItem),
			tables.SecurityEvents.Allow(tables.PutItem),
			signins.KnowsGrant,
			attempts.Grant,
		},
		Keys:           []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool:       []function.UserPoolOperation{function.AdminGetUser, function.AdminUserGlobalSignOut},
		UserPoolClient: true,
		SendEmail:      true,
	},
})

type password struct {
	pool interface {
		userFinder
		ForgotPassword(ctx context.Context, username string) error
		ConfirmForgotPassword(ctx context.Context, username, code, password string) error
		// SignOut ends the refresh tokens of a user.
		SignOut(ctx context.Context, username string) error
	}
	emails   addressBook
	guesses  *guesses
	sessions interface {
		Everything(ctx context.Context, userID, reason string) error
	}
	sender interface {
		Send(ctx context.Context, to string, message mails.Message) error
	}
	events recorder
	now    func() time.Time
}

func newPassword(env *function.Environment) (*password, error) {
	pool := &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), poolID: env.UserPool(), app: openPoolClient(env)}
	return &password{
		pool:     pool,
		emails:   accounts.OpenEmails(env),
		guesses:  newGuesses(env, pool),
		sessions: guard.OpenRevocations(env),
		sender:   email.Open(env),
		events:   securityevents.Open(env),
		now:      time.Now,
	}, nil
}

func (p *password) requestGuesses() *guesses { return p.guesses }

// Forgot has a code sent to the account's address. The code opens the account, so it
// goes to no address that the account has by Cognito alone.
func (p *password) Forgot(in codeRequest) emailRequest {
	return emailRequest{
		account:         in.Username,
		acknowledgement: "If there is such an account, a code is on its way to its e-mail address.",
		send: func(ctx context.Context, account namedAccount) error {
			_, ours, err := reachable(ctx, p.pool, p.emails, account.username)
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
func (r newPasswordRequest) disclosed(_ acknowledgement, err error) string {
	if errors.Is(err, errExpiredReset) {
		return r.Username
	}
	return ""
}

func (p *password) recorder() recorder { return p.events }

// Confirm sets the new password and ends every session: whoever had the old
// password may be why there is a new one.
func (p *password) Confirm(ctx context.Context, in newPasswordRequest) (acknowledgement, error) {
	account, err := p.guesses.account(ctx, in.Username)
	if err != nil {
		return acknowledgement{}, err
	}
	if err := p.guesses.check(ctx, attempts.ResetCodes, account, func() error {
		return p.pool.ConfirmForgotPassword(ctx, account.username, in.ConfirmationCode, in.NewPassword)
	}); err != nil {
		if event, guessed := refusedCode(account.username, err); guessed {
			err = errors.Join(err, p.events.Record(ctx, event))
		}
		return acknowledgement{}, err
	}
	p.changed(ctx, account)
	return acknowledgement{Success: true, Message: "Your password is changed. Please sign in with it."}, nil
}

// changed does what follows from a new password. The password is changed, and the
// client must hear so: what fails is an error of the log, which is alarmed.
func (p *password) changed(ctx context.Context, account namedAccount) {
	failed := func(what string, err error) {
		if err != nil {
			telemetry.FromContext(ctx).ErrorContext(ctx, "after a change of password: "+what, "error", err.Error())
		}
	}
	failed("forget wrong passwords", p.guesses.forget(ctx, account))
	failed("end sessions", p.pool.SignOut(ctx, account.username))
	user, found, err := p.pool.Find(ctx, account.username)
	failed("read user", err)
	if !found {
		return
	}
	failed("revoke tokens", p.sessions.Everything(ctx, user.ID, "password changed"))
	failed("record", p.events.Record(ctx, securityevents.Event{Kind: securityevents.PasswordReset, UserID: user.ID}))
	failed("tell the user", p.sender.Send(ctx, user.Email, mails.PasswordChanged{At: p.now()}))
}
