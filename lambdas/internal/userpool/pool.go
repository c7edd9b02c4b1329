package userpool

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/signinticket"
)

// Pool is the stage's user pool. It is safe for concurrent use.
type Pool struct {
	client *cognito.Client
	// poolID is set in functions that may call administrator operations.
	poolID string
	// app is set in functions that are the pool's app client.
	app appClient
	// tickets is set in functions that sign users in without a password.
	tickets ticketIssuer
}

// Open returns the pool for a function that declares UserPoolClient and operations of
// UserPool.
func Open(resources *function.Resources) *Pool {
	pool := OpenAdmin(resources)
	pool.app = openAppClient(resources)
	return pool
}

// OpenAdmin returns the pool for a function that declares operations of UserPool.
func OpenAdmin(resources *function.Resources) *Pool {
	return &Pool{client: cognito.NewFromConfig(resources.AWS), poolID: resources.UserPool()}
}

// OpenClient returns the pool for a function that declares UserPoolClient.
func OpenClient(resources *function.Resources) *Pool {
	return &Pool{client: cognito.NewFromConfig(resources.AWS), app: openAppClient(resources)}
}

// OpenWithTickets returns the pool for a function that also declares the secret of
// sign-in tickets.
func OpenWithTickets(resources *function.Resources) *Pool {
	pool := Open(resources)
	pool.tickets = signinticket.Open(resources)
	return pool
}

// User is a user of the pool.
type User struct {
	ID, Username, Email string
	// Unconfirmed is set from the sign-up until the user enters its code. A user whose
	// password must be replaced has another status, and is not unconfirmed.
	Unconfirmed bool
}

// Tokens are the result of a sign-in or a refresh.
type Tokens struct {
	AccessToken  string `json:"accessToken"`
	IDToken      string `json:"idToken"`
	RefreshToken string `json:"refreshToken,omitempty"`
}

func tokensOf(result *types.AuthenticationResultType) Tokens {
	return Tokens{
		AccessToken:  aws.ToString(result.AccessToken),
		IDToken:      aws.ToString(result.IdToken),
		RefreshToken: aws.ToString(result.RefreshToken),
	}
}

// ticketIssuer issues sign-in tickets.
type ticketIssuer interface {
	Issue(ctx context.Context, username, nonce string) (string, error)
}
