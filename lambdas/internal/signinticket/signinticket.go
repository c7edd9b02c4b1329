package signinticket

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Lifetime is how long a ticket is valid. Issuing and checking it belong to one
// sign-in, which takes two seconds when both functions start cold.
const Lifetime = time.Minute

// NonceParameter is the challenge parameter with the nonce.
const NonceParameter = "nonce"

const (
	issuer   = "expenzez/sign-in"
	audience = "expenzez/custom-challenge"

	// maxLength bounds the text that is parsed. A username has 128 characters at most
	// (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html),
	// so a ticket has fewer than 1000.
	maxLength = 2048
	// minSecret is the minimum length of the secret: the length of the hash
	// (https://datatracker.ietf.org/doc/html/rfc7518#section-3.2).
	minSecret = 32
	// previousFor is how long after a rotation the previous secret verifies tickets.
	// An environment may still sign with it until its cache expires, and the ticket
	// then has its lifetime.
	previousFor = secretcache.TTL + secretcache.TTL/10 + Lifetime
)

// ErrInvalid is returned for an invalid ticket. Every other error means that the
// secret could not be read.
var ErrInvalid = errors.New("sign-in ticket is not valid")

// Tickets issues and checks tickets. It is safe for concurrent use.
type Tickets struct {
	secrets *secretcache.Cache
	now     func() time.Time
}

// Open returns the tickets of a function that declares the secret "jwt", which is
// fetched at the function's start.
func Open(resources *function.Resources) *Tickets {
	return New(secretcache.Open(resources, secrets.JWT), time.Now)
}

// New returns tickets under the secret "jwt" of the cache.
func New(cache *secretcache.Cache, now func() time.Time) *Tickets {
	return &Tickets{secrets: cache, now: now}
}

// NewNonce returns a nonce for a challenge, of at least 128 random bits.
func NewNonce() string { return rand.Text() }

// claims are the claims of a ticket.
type claims struct {
	jwt.RegisteredClaims
	Nonce string `json:"nonce"`
}

// Issue returns a ticket for the user with this name and for the challenge with this
// nonce. The name's case does not matter, as in the user pool. Issue returns an error
// when either is empty or the secret cannot be read.
func (t *Tickets) Issue(ctx context.Context, username, nonce string) (string, error) {
	if username == "" || nonce == "" {
		return "", errors.New("issue a sign-in ticket: username or nonce is missing")
	}
	secret, err := t.secrets.Get(ctx, secrets.JWTSecret)
	if err != nil {
		return "", fmt.Errorf("issue a sign-in ticket: %w", err)
	}
	key, err := keyOf(secret)
	if err != nil {
		return "", fmt.Errorf("issue a sign-in ticket: %w", err)
	}
	now := t.now()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Nonce: nonce,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: strings.ToLower(username),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(Lifetime)),
		},
	}).SignedString(key)
}

// Check returns nil for an unexpired ticket of this user and this challenge. It
// returns ErrInvalid with the reason, or another error when the secret cannot be
// read.
func (t *Tickets) Check(ctx context.Context, ticket, username, nonce string) error {
	switch {
	case username == "" || nonce == "":
		return fmt.Errorf("%w: there is no user or no challenge to check it for", ErrInvalid)
	case len(ticket) > maxLength:
		return fmt.Errorf("%w: it is longer than %d bytes", ErrInvalid, maxLength)
	}
	said, err := t.verify(ctx, ticket)
	switch {
	case err != nil:
		return err
	case len(said.Audience) != 1:
		return fmt.Errorf("%w: it has another audience too", ErrInvalid)
	case !equal(said.Subject, strings.ToLower(username)):
		return fmt.Errorf("%w: it is for another user", ErrInvalid)
	case !equal(said.Nonce, nonce):
		return fmt.Errorf("%w: it is for another challenge", ErrInvalid)
	}
	return nil
}

// verify returns the claims of a ticket that is signed with the current secret, a
// newer one that this environment has not read yet, or the previous one.
func (t *Tickets) verify(ctx context.Context, ticket string) (*claims, error) {
	current, err := t.secrets.Get(ctx, secrets.JWTSecret)
	if err != nil {
		return nil, fmt.Errorf("check a sign-in ticket: %w", err)
	}
	said, err := t.verifyWith(current, ticket)
	if !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return said, err
	}
	if newer, ok := t.secrets.RefreshRejected(ctx, secrets.JWTSecret, current); ok {
		if said, err = t.verifyWith(newer, ticket); !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			return said, err
		}
	}
	previous, ok, readErr := t.secrets.Previous(ctx, secrets.JWTSecret, previousFor)
	if readErr != nil {
		return nil, fmt.Errorf("check a sign-in ticket: %w", readErr)
	}
	if !ok {
		return nil, err
	}
	return t.verifyWith(previous, ticket)
}

func (t *Tickets) verifyWith(secret secretcache.Value, ticket string) (*claims, error) {
	key, err := keyOf(secret)
	if err != nil {
		return nil, fmt.Errorf("check a sign-in ticket: %w", err)
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(t.now))
	var said claims
	if _, err := parser.ParseWithClaims(ticket, &said, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return &said, nil
}

// keyOf returns the signing key, and refuses a secret that is short enough to guess.
func keyOf(secret secretcache.Value) ([]byte, error) {
	key := []byte(secret.Reveal())
	if len(key) < minSecret {
		return nil, fmt.Errorf("secret jwt has fewer than %d characters", minSecret)
	}
	return key, nil
}

// equal compares two texts. Its time depends only on the lengths.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
