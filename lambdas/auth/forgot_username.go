package auth

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/email"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// ForgotUsername sends users their usernames.
var ForgotUsername = function.Define(function.Spec[*forgotUsername]{
	Name:     "auth-forgot-username",
	Purpose:  "Sends a username to the account's e-mail address.",
	MemoryMB: waitingMB,
	New: func(resources *function.Resources) (*forgotUsername, error) {
		pool := userpool.OpenAdmin(resources)
		return &forgotUsername{
			emails:  accounts.OpenEmails(resources),
			pool:    pool,
			guesses: newRequestCounts(resources, pool),
			sender:  email.Open(resources),
		}, nil
	},
	Routes: []function.RouteOf[*forgotUsername]{
		emailRoute("POST /auth/forgot-username", (*forgotUsername).Send),
	},
	Permissions: function.Permissions{
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
		Send(ctx context.Context, to string, message emailtemplates.Message) error
	}
}

type usernameRequest struct {
	Email string `json:"email" validate:"required,user-email"`
}

func (f *forgotUsername) requestGuesses() *guesses { return f.guesses }

// Send sends the username to the address, never to the client. An unconfirmed address
// gets nothing: the client that registered it may not own it, and chose the text that
// would be sent. The e-mail goes to the address of the account, not to the one in the
// request, because two spellings can be the same address.
func (f *forgotUsername) Send(in usernameRequest) emailRequest {
	return emailRequest{
		account:         in.Email,
		acknowledgement: "If there is an account with this address, its username is on the way to it.",
		send: func(ctx context.Context, account namedAccount) error {
			user, ours, err := findUserWithMatchingEmail(ctx, f.pool, f.emails, account.username)
			if err != nil || !ours || user.Unconfirmed {
				return err
			}
			return f.sender.Send(ctx, user.Email, emailtemplates.Username{Username: account.username})
		},
	}
}
