package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/guard"
)

// claims are the claims that the backend reads from an access token.
type claims struct {
	jwt.RegisteredClaims
	// OriginID identifies the sign-in that issued the token. Cognito sets it for
	// clients with token revocation.
	OriginID string `json:"origin_jti"`
	// Username is the name that the user signs in with.
	Username string `json:"username"`
	// AuthTime is the time of the sign-in, in epoch seconds. A refresh does not change
	// it.
	AuthTime int64 `json:"auth_time"`
}

// claimsOf returns the claims of a token that Cognito has just issued. Its signature is
// not verified, because it comes directly from Cognito.
func claimsOf(accessToken string) (claims, error) {
	var found claims
	if _, _, err := jwt.NewParser().ParseUnverified(accessToken, &found); err != nil {
		return claims{}, fmt.Errorf("read access token: %w", err)
	}
	return found, nil
}

// subject returns the user id of a token that Cognito has just issued.
func subject(accessToken string) (string, error) {
	found, err := claimsOf(accessToken)
	return found.Subject, err
}

// sessionOf returns the session of a token that Cognito has just issued. It returns an
// error for a token without a session, because such a session could not be revoked.
func sessionOf(accessToken string) (guard.Session, error) {
	found, err := claimsOf(accessToken)
	if err != nil {
		return guard.Session{}, err
	}
	if found.Subject == "" || found.OriginID == "" || found.AuthTime == 0 {
		return guard.Session{}, errors.New("read access token: it does not name its session: enable token revocation on the user pool's client")
	}
	return guard.Session{UserID: found.Subject, ID: found.OriginID, Began: time.Unix(found.AuthTime, 0)}, nil
}
