package appleid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

// secretLifetime is how long a client secret is valid. Each call has a new one. Apple
// allows six months.
const secretLifetime = 5 * time.Minute

// post calls an endpoint of /auth with the client's id and secret. When Apple rejects
// the secret, post makes a new one from fresh credentials.
func (c *Client) post(ctx context.Context, endpoint, clientID string, form url.Values, out any) error {
	return c.credentials.Use(ctx, isRejected, func(credentials Credentials) error {
		secret, err := c.clientSecret(credentials, clientID)
		if err != nil {
			return err
		}
		form.Set("client_id", clientID)
		form.Set("client_secret", secret)
		return asRejected(c.http.Call(ctx, external.Call{Method: http.MethodPost, Path: []string{"auth", endpoint}, Form: form}, out))
	})
}

func isRejected(err error) bool { return errors.Is(err, ErrRejected) }

// clientSecret returns the signed token that authenticates the backend to Apple
// (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret).
func (c *Client) clientSecret(credentials Credentials, clientID string) (string, error) {
	key, err := jwt.ParseECPrivateKeyFromPEM([]byte(credentials.PrivateKey))
	if err != nil {
		return "", errors.New("apple: the private key in the secret \"apple\" is not the PEM text of a .p8 file")
	}
	now := c.now()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer:    credentials.TeamID,
		Subject:   clientID,
		Audience:  jwt.ClaimStrings{Issuer},
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(secretLifetime)),
	})
	token.Header["kid"] = credentials.KeyID
	secret, err := token.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("apple: sign the client secret: %w", err)
	}
	return secret, nil
}

// asRejected returns the package's error for an OAuth error of Apple
// (https://developer.apple.com/documentation/signinwithapplerestapi/errorresponse),
// and any other error unchanged.
func asRejected(err error) error {
	var status *external.StatusError
	if !errors.As(err, &status) || status.Status != http.StatusBadRequest {
		return err
	}
	var answer struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(status.Body, &answer) // a body without JSON has no code
	switch answer.Error {
	case "invalid_grant":
		return fmt.Errorf("%w: %w", ErrInvalidCode, err)
	case "invalid_client":
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	return err
}
