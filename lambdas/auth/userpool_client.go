package auth

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

// poolClient is what the backend is to the user pool: a client whose id anybody can
// read in a token, and whose secret nobody else knows (docs/decisions/0016).
type poolClient struct {
	id      string
	secrets interface {
		Get(ctx context.Context, key secrets.Key) (secretcache.Value, error)
	}
}

// openPoolClient is for functions that declare UserPoolClient. The secret is read at
// the function's start, or at the first request that comes as far as Cognito: what is
// refused before needs none.
func openPoolClient(env *function.Resources) poolClient {
	cache := secretcache.OpenLazy(env, secrets.Cognito)
	env.Ahead(cache.Load)
	return poolClient{id: env.UserPoolClient(), secrets: cache}
}

// secretHash returns what proves in a request about a user that the client makes it.
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
func (c poolClient) secretHash(ctx context.Context, username string) (string, error) {
	secret, err := c.secrets.Get(ctx, secrets.CognitoClientSecret)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(username + c.id))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// secret returns the secret itself, for the one operation that takes it: a renewal,
// which does not know whose it is.
func (c poolClient) secret(ctx context.Context) (*string, error) {
	secret, err := c.secrets.Get(ctx, secrets.CognitoClientSecret)
	if err != nil {
		return nil, err
	}
	return aws.String(secret.Reveal()), nil
}
