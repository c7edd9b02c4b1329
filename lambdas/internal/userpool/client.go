package userpool

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// appClient is the app client of the backend. Its id is in every token; its secret is
// known to the backend alone (docs/decisions/0016).
type appClient struct {
	id      string
	secrets interface {
		Get(ctx context.Context, key secrets.Key) (secretcache.Value, error)
	}
}

// openAppClient is for functions that declare UserPoolClient. The secret is read at the
// function's start, or at the first request that calls Cognito. Requests that are
// refused earlier work without the secret.
func openAppClient(resources *function.Resources) appClient {
	cache := secretcache.OpenLazy(resources, secrets.Cognito)
	resources.Ahead(cache.Load)
	return appClient{id: resources.UserPoolClient(), secrets: cache}
}

// secretHash returns the SECRET_HASH of a request about a user.
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
func (c appClient) secretHash(ctx context.Context, username string) (string, error) {
	secret, err := c.secrets.Get(ctx, secrets.CognitoClientSecret)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(username + c.id))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// secret returns the secret itself. Only a refresh takes it: a refresh token does not
// tell the username that a secret hash needs.
func (c appClient) secret(ctx context.Context) (*string, error) {
	secret, err := c.secrets.Get(ctx, secrets.CognitoClientSecret)
	if err != nil {
		return nil, err
	}
	return aws.String(secret.Reveal()), nil
}
