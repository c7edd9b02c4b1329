package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/internal/guard"
)

// claims are what is read of an access token.
type claims struct {
	jwt.RegisteredClaims
	// OriginID names the sign-in that the token comes from. Cognito issues it to
	// clients that have token revocation enabled.
	OriginID string `json:"origin_jti"`
	// Username is the name that the user signs in with.
	Username string `json:"username"`
	// AuthTime is when that was, in epoch seconds. A renewal does not change it.
	AuthTime int64 `json:"auth_time"`
}

// claimsOf returns the claims of a token that has just come from Cognito, which
// is why its signature is not checked again.
func claimsOf(accessToken string) (claims, error) {
	var found claims
	if _, _, err := jwt.NewParser().ParseUnverified(accessToken, &found); err != nil {
		return claims{}, fmt.Errorf("read access token: %w", err)
	}
	return found, nil
}

// subject returns the user id in a token that has just come from Cognito.
func subject(accessToken string) (string, error) {
	found, err := claimsOf(accessToken)
	return found.Subject, err
}

// sessionOf returns the session of a token that has just come from Cognito. A
// token that does not say is an error: its session could never be revoked.
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
