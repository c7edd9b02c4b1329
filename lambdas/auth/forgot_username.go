package auth

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/mails"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ForgotUsername tells users their usernames.
var ForgotUsername = function.Define(function.Spec[*forgotUsername]{
	Name:    "auth-forgot-username",
	Purpose: "Sends a username to the account's e-mail address.",
	New: func(env *function.Environment) (*forgotUsername, error) {
		pool := &userPool{client: cognitoidentityprovider.NewFromConfig(env.AWS), poolID: env.UserPool()}
		return &forgotUsername{
			emails:  accounts.OpenEmails(env),
			pool:    pool,
			guesses: newRequestCounts(env, pool),
			sender:  email.Open(env),
		}, nil
	},
	Routes: []function.RouteOf[*forgotUsername]{
		function.Public("POST /auth/forgot-username", (*forgotUsername).Send),
	},
	Rights: function.Rights{
		Tables:    []tables.Grant{tables.UserEmails.Allow(tables.GetItem), tables.LoginAttempts.Allow(tables.PutItem)},
		Keys:      []function.KeyGrant{function.LookupKey.Allow(function.GenerateMac)},
		UserPool:  []function.UserPoolOperation{function.AdminGetUser},
		SendEmail: true,
	},
})

type forgotUsername struct {
	emails  addressBook
	pool    userFinder
	guesses *guesses
	sender  interface {
		Send(ctx context.Context, to string, message mails.Message) error
	}
}

type usernameRequest struct {
	Email string `json:"email" validate:"required,user-email"`
}

// Send sends the username to the address and never to the client. The answer, and
// the time it takes, are the same whether or not there is an account. An address
// that is not confirmed gets nothing: whoever registered it may not be its owner,
// and has chosen the text that would be sent. What is sent goes to the address of
// the account and not to the one in the request: two that are spelt differently
// can be found as the same.
func (f *forgotUsername) Send(ctx context.Context, in usernameRequest) (acknowledgement, error) {
	defer evenly(ctx, time.Now())
	account, err := f.guesses.account(ctx, in.Email)
	if err != nil {
		return acknowledgement{}, err
	}
	if err := f.guesses.once(ctx, account); err != nil {
		return acknowledgement{}, err
	}
	if err := f.tell(ctx, account.username); err != nil {
		return acknowledgement{}, err
	}
	return acknowledgement{Success: true, Message: "If there is an account with this address, its username is on the way to it."}, nil
}

func (f *forgotUsername) tell(ctx context.Context, username string) error {
	user, ours, err := reachable(ctx, f.pool, f.emails, username)
	if err != nil || !ours || user.Unconfirmed {
		return err
	}
	if err := f.sender.Send(ctx, user.Email, mails.Username{Username: username}); err != nil {
		undelivered(ctx, err)
	}
	return nil
}
