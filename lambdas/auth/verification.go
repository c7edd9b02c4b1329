package auth

import (
	"cmp"
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/signins"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Verification confirms e-mail addresses.
var Verification = function.Define(function.Spec[*verification]{
	Name:     "auth-verification",
	Purpose:  "Confirms an account by the code sent to its e-mail address, and sends another code.",
	MemoryMB: waitingMB,
	New:      newVerification,
	Routes: []function.RouteOf[*verification]{
		disclosingRoute("POST /auth/confirm-signup", (*verification).Confirm, confirmSignUpRequest.disclosed),
		emailRoute("POST /auth/resend-verification", (*verification).Resend),
		emailRoute("POST /auth/send-verification-email", (*verification).Send),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.UserEmails.Allow(tables.GetItem), tables.AccountDeletions.Allow(tables.GetItem),
			tables.SecurityEvents.Allow(tables.PutItem), signins.KnowsGrant, attempts.Grant,
		},
		Keys:           []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool:       []function.UserPoolOperation{function.AdminGetUser},
		UserPoolClient: true,
	},
})

type verification struct {
	pool interface {
		ConfirmSignUp(ctx context.Context, username, code string) error
		ResendSignUpCode(ctx context.Context, username string) error
		userFinder
	}
	deletions deletionFinder
	guesses   *guesses
	events    securityevents.EventRecorder
}

// deletionFinder reports whether a deletion of the user is recorded and not finished.
type deletionFinder interface {
	IsPending(ctx context.Context, userID string) (bool, error)
}

func newVerification(resources *function.Resources) (*verification, error) {
	pool := userpool.Open(resources)
	return &verification{
		pool:      pool,
		deletions: accounts.OpenDeletions(resources),
		guesses:   newGuesses(resources, pool),
		events:    securityevents.Open(resources),
	}, nil
}

// confirmSignUpRequest has the code that was sent to the user.
type confirmSignUpRequest struct {
	Username string `json:"username" validate:"required,max=254,plaintext"`
	Code     string `json:"code" validate:"required,len=6,plaintext"`
}

// disclosed returns the name if the response tells that an account has it.
func (c confirmSignUpRequest) disclosed(_ function.SuccessResponse, err error) string {
	if errors.Is(err, userpool.ErrAlreadyConfirmed) || errors.Is(err, userpool.ErrExpiredSignUpCode) {
		return c.Username
	}
	return ""
}

func (v *verification) recorder() securityevents.EventRecorder { return v.events }

// Confirm confirms an account.
func (v *verification) Confirm(ctx context.Context, in confirmSignUpRequest) (function.SuccessResponse, error) {
	account, err := v.guesses.findAccount(ctx, in.Username)
	if err != nil {
		return function.SuccessResponse{}, err
	}
	_, err = v.guesses.check(ctx, attempts.SignUpCodes, account, func() error { return v.pool.ConfirmSignUp(ctx, account.username, in.Code) })
	if err == nil || errors.Is(err, userpool.ErrAlreadyConfirmed) {
		if lost := v.checkNotExpired(ctx, account.username); lost != nil {
			err = lost
		}
	}
	if err != nil {
		if event, guessed := refusedCode(account.username, err); guessed {
			err = errors.Join(err, v.events.Record(ctx, event))
		}
		return function.SuccessResponse{}, err
	}
	return function.SuccessResponse{Success: true, Message: "Your e-mail address is confirmed."}, nil
}

// checkNotExpired returns userpool.ErrExpiredSignUpCode for a confirmed user whose
// account is being deleted because it expired (deleteAccount.expire). In the minutes
// before that deletion starts, the user keeps the account and also gets this error. The
// next attempt then tells that the account is confirmed.
func (v *verification) checkNotExpired(ctx context.Context, username string) error {
	user, found, err := v.pool.Find(ctx, username)
	if err != nil {
		return err
	}
	if found {
		if pending, err := v.deletions.IsPending(ctx, user.ID); err != nil || !pending {
			return err
		}
	}
	return userpool.ErrExpiredSignUpCode
}

// resendCodeRequest names the account. The app fills either field with a username or an
// e-mail address.
type resendCodeRequest struct {
	Username string `json:"username" validate:"required_without=Email,max=254,plaintext"`
	Email    string `json:"email" validate:"max=254,plaintext"`
}

// Resend sends another code to an unconfirmed account.
func (v *verification) Resend(in resendCodeRequest) emailRequest {
	return v.send(cmp.Or(in.Username, in.Email))
}

// codeRequest names the account by username or e-mail address.
type codeRequest struct {
	Username string `json:"username" validate:"required,max=254,plaintext"`
}

// Send is Resend under the path that the app tries first.
func (v *verification) Send(in codeRequest) emailRequest {
	return v.send(in.Username)
}

func (v *verification) requestGuesses() *guesses { return v.guesses }

func (v *verification) send(identifier string) emailRequest {
	return emailRequest{
		account:         identifier,
		acknowledgement: "If the account is waiting for confirmation, a new code is on its way.",
		send: func(ctx context.Context, account namedAccount) error {
			return v.pool.ResendSignUpCode(ctx, account.username)
		},
	}
}
