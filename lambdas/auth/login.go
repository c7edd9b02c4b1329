package auth

import (
	"cmp"
	"context"
	"errors"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/accounts"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/securityevents"
	"github.com/expenzez/infrastructure/lambdas/internal/userpool"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Login signs users in.
var Login = function.Define(function.Spec[*login]{
	Name:     "auth-login",
	Purpose:  "Exchanges a password for tokens.",
	MemoryMB: waitingMB,
	New:      newLogin,
	Routes: []function.RouteOf[*login]{
		function.Public("POST /auth/login", (*login).Login),
	},
	Permissions: function.Permissions{
		Tables: []tables.Grant{
			tables.Users.Allow(tables.UpdateItem),
			tables.UserEmails.Allow(tables.GetItem),
			tables.SecurityEvents.Allow(tables.PutItem),
			tables.SignIns.Allow(tables.GetItem, tables.BatchGetItem, tables.PutItem), // signins.IsKnownOrigin and Record
			attempts.Grant,
		},
		Keys: []function.KeyGrant{
			function.FieldKey.AllowFor(tables.Users, function.Decrypt),
			function.LookupKey.Allow(function.GenerateMac),
		},
		UserPool:       []function.UserPoolOperation{function.AdminGetUser, function.AdminInitiateAuth},
		UserPoolClient: true,
		SendEmail:      true,
	},
})

type login struct {
	pool interface {
		SignIn(ctx context.Context, username, password string) (userpool.Tokens, error)
	}
	guesses  *guesses
	accounts interface {
		// SignedIn returns accounts.ErrNotFound when the user has no account.
		SignedIn(ctx context.Context, userID string) (*tables.User, error)
	}
	signIns *signInRecorder
	events  securityevents.EventRecorder
}

func newLogin(resources *function.Resources) (*login, error) {
	pool := userpool.Open(resources)
	return &login{
		pool:     pool,
		guesses:  newGuesses(resources, pool),
		accounts: accounts.Open(resources),
		signIns:  openSignInRecorder(resources),
		events:   securityevents.Open(resources),
	}, nil
}

// loginRequest is the body of a sign-in. The app sends one of the two identifiers, and
// each may contain a username or an e-mail address.
type loginRequest struct {
	Email    string `json:"email" validate:"max=254,plaintext"`
	Username string `json:"username" validate:"required_without=Email,max=254,plaintext"`
	Password string `json:"password" validate:"required,max=256"`
}

// sessionResponse is the response to a sign-in and to a refresh.
type sessionResponse struct {
	userpool.Tokens
	User userResponse `json:"user"`
}

// userResponse is the signed-in user, as the app stores it. ID, UserID and Sub are
// equal, because different screens read different fields.
type userResponse struct {
	ID          string        `json:"id"`
	UserID      string        `json:"userId"`
	Sub         string        `json:"sub"`
	Username    string        `json:"username"`
	Email       string        `json:"email"`
	Name        string        `json:"name"`
	GivenName   string        `json:"given_name"`
	FamilyName  string        `json:"family_name"`
	FirstName   string        `json:"firstName"`
	LastName    string        `json:"lastName"`
	PhoneNumber string        `json:"phone_number,omitempty"`
	Phone       string        `json:"phone,omitempty"`
	Address     string        `json:"address,omitempty"`
	Birthdate   string        `json:"birthdate,omitempty"`
	Occupation  string        `json:"occupation,omitempty"`
	Company     string        `json:"company,omitempty"`
	CreatedAt   dates.Instant `json:"createdAt,omitempty"`
}

// Login signs a user in, and records the sign-in or its refusal.
func (l *login) Login(ctx context.Context, in loginRequest) (sessionResponse, error) {
	account, err := l.guesses.findAccount(ctx, cmp.Or(in.Email, in.Username))
	if err != nil {
		return sessionResponse{}, err
	}
	signedIn, failedBefore, err := l.signIn(ctx, account, in.Password)
	if err == nil {
		return signedIn, l.signIns.record(ctx, signedIn.Tokens, signedIn.User, failedBefore)
	}
	if event, refused := refusedSignIn(account.username, err); refused {
		err = errors.Join(err, l.events.Record(ctx, event))
	}
	return sessionResponse{}, err
}

// signIn signs a user in. A user of Cognito without an account did not register through
// this API, and gets the response of a wrong password. signIn reports whether earlier
// guesses at the password failed.
func (l *login) signIn(ctx context.Context, into namedAccount, password string) (signedIn sessionResponse, failedBefore bool, err error) {
	var issued userpool.Tokens
	failedBefore, err = l.guesses.check(ctx, attempts.Passwords, into, func() (err error) {
		issued, err = l.pool.SignIn(ctx, into.username, password)
		return err
	})
	if err != nil {
		return sessionResponse{}, failedBefore, err
	}
	userID, err := subject(issued.AccessToken)
	if err != nil {
		return sessionResponse{}, failedBefore, err
	}
	account, err := l.accounts.SignedIn(ctx, userID)
	if errors.Is(err, accounts.ErrNotFound) {
		return sessionResponse{}, failedBefore, userpool.ErrWrongPassword.Because(err)
	}
	if err != nil {
		return sessionResponse{}, failedBefore, err
	}
	return sessionResponse{Tokens: issued, User: userOf(account)}, failedBefore, nil
}

func userOf(a *tables.User) userResponse {
	return userResponse{
		ID:          a.UserID,
		UserID:      a.UserID,
		Sub:         a.UserID,
		Username:    a.Username,
		Email:       string(a.Email),
		Name:        a.Name,
		GivenName:   a.GivenName,
		FamilyName:  a.FamilyName,
		FirstName:   a.GivenName,
		LastName:    a.FamilyName,
		PhoneNumber: string(a.PhoneNumber),
		Phone:       string(a.PhoneNumber),
		Address:     string(a.Address),
		Birthdate:   string(a.Birthdate),
		Occupation:  a.Occupation,
		Company:     a.Company,
		CreatedAt:   dates.Seconds(a.CreatedAt),
	}
}
