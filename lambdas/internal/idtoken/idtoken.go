package idtoken

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrInvalid is returned for an invalid token. The errors of package external mean
// that the token could not be checked.
var ErrInvalid = errors.New("identity token is not valid")

const (
	// leeway is the accepted difference between the provider's clock and the
	// backend's.
	leeway = 30 * time.Second
	// maxLength is far above the one or two kilobytes of real tokens.
	maxLength = 16 << 10
)

// Claims are the claims of an ID token.
type Claims struct {
	jwt.RegisteredClaims
	// AuthorizedParty is the client that the token was issued to, if it is not the
	// audience.
	AuthorizedParty string `json:"azp"`
	Nonce           string `json:"nonce"`
	Email           string `json:"email"`
	EmailVerified   Flag   `json:"email_verified"`
	// PrivateEmail reports whether Email is a relay address of Apple.
	PrivateEmail Flag `json:"is_private_email"`
	// HostedDomain is the domain of a Google Workspace or Cloud organisation.
	HostedDomain string `json:"hd"`
	// GivenName and FamilyName are in Google's tokens only.
	GivenName  string `json:"given_name"`
	FamilyName string `json:"family_name"`
}

// Validate checks the claims that every token needs and the parser does not check.
func (c *Claims) Validate() error {
	switch {
	case c.Subject == "":
		return errors.New("it has no subject")
	case c.IssuedAt == nil:
		return errors.New("it does not say when it was issued")
	case len(c.Audience) != 1:
		return errors.New("it must have exactly one audience")
	}
	return nil
}

// Flag is a boolean that may be written as a string, as Apple does
// (https://developer.apple.com/documentation/signinwithapple/authenticating-users-with-sign-in-with-apple).
type Flag bool

// UnmarshalJSON reads true, false, "true" and "false".
func (f *Flag) UnmarshalJSON(text []byte) error {
	switch string(text) {
	case `true`, `"true"`:
		*f = true
	case `false`, `"false"`:
		*f = false
	default:
		return &json.UnmarshalTypeError{Value: "value other than true or false", Type: reflect.TypeFor[Flag]()}
	}
	return nil
}

// Verifier verifies the tokens of one provider.
type Verifier struct {
	keys    *JWKS
	issuers []string
}

// NewVerifier returns a verifier of tokens that these keys sign for one of these
// issuers.
func NewVerifier(keys *JWKS, issuers ...string) *Verifier {
	return &Verifier{keys: keys, issuers: issuers}
}

// Verify returns the claims of a valid token for one of the audiences. It returns
// ErrInvalid with the reason, or an error of package external when the provider's
// keys cannot be read.
func (v *Verifier) Verify(ctx context.Context, raw string, audiences []string) (*Claims, error) {
	if len(raw) > maxLength {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrInvalid, maxLength)
	}
	if len(audiences) == 0 {
		return nil, errors.New("verify identity token: no audience is configured")
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg()}),
		jwt.WithAudience(audiences...),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(v.keys.now),
	)
	var claims Claims
	_, err := parser.ParseWithClaims(raw, &claims, func(token *jwt.Token) (any, error) {
		return v.keys.find(ctx, token)
	})
	var unknown *unknownKeys
	switch {
	case errors.As(err, &unknown):
		return nil, fmt.Errorf("keys of the identity provider: %w", unknown.cause)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	case !slices.Contains(v.issuers, claims.Issuer):
		return nil, fmt.Errorf("%w: it is of another issuer", ErrInvalid)
	}
	return &claims, nil
}
