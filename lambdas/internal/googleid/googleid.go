package googleid

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/idtoken"
)

// ErrInvalidToken is returned for an invalid ID token. The errors of package external
// mean that Google's keys could not be read.
var ErrInvalidToken = idtoken.ErrInvalid

// Config configures which tokens are accepted.
type Config struct {
	// ClientIDs are the audiences: the web client id that the app passes as its
	// server client id.
	ClientIDs []string
	// AuthorizedParties are the ids of the app's other clients that may get tokens
	// for the audience, such as the Android client. The audiences themselves are
	// always accepted.
	AuthorizedParties []string
	// BaseURL is the base URL of the service. Required.
	BaseURL string
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Middleware wraps each attempt, for telemetry.
	Middleware []external.Middleware
}

// Client verifies tokens. It is safe for concurrent use.
type Client struct {
	verifier  *idtoken.Verifier
	clientIDs []string
	parties   []string
}

// New returns a client without fetching anything. It returns an error when the base
// URL is invalid.
func New(config Config) (*Client, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	client, err := external.New(external.Service{
		Name:     "google",
		BaseURL:  config.BaseURL,
		Timeout:  5 * time.Second,
		MaxBytes: 64 << 10, // the key set is about 2 KB
	}, config.Middleware...)
	if err != nil {
		return nil, err
	}
	keys := idtoken.NewJWKS(client, config.Now, "oauth2", "v3", "certs")
	return &Client{
		verifier:  idtoken.NewVerifier(keys, "https://accounts.google.com", "accounts.google.com"),
		clientIDs: config.ClientIDs,
		parties:   slices.Concat(config.ClientIDs, config.AuthorizedParties),
	}, nil
}

// Identity is the user of an ID token.
type Identity struct {
	// Subject is the user's stable id at Google.
	Subject       string
	Email         string
	EmailVerified bool
	// Authoritative reports whether Google hosts the mailbox of Email, so that only
	// its owner can have the token.
	Authoritative bool
	// GivenName and FamilyName are empty when Google does not know them.
	GivenName, FamilyName string
	// IssuedAt is when Google issued the token, in whole seconds.
	IssuedAt time.Time
}

// Verify returns the identity of an ID token. It returns ErrInvalidToken or an error
// of package external.
func (c *Client) Verify(ctx context.Context, idToken string) (Identity, error) {
	claims, err := c.verifier.Verify(ctx, idToken, c.clientIDs)
	if err != nil {
		return Identity{}, err
	}
	if claims.AuthorizedParty != "" && !slices.Contains(c.parties, claims.AuthorizedParty) {
		return Identity{}, fmt.Errorf("%w: it was issued to another client", ErrInvalidToken)
	}
	return Identity{
		Subject: claims.Subject, Email: claims.Email, EmailVerified: bool(claims.EmailVerified), Authoritative: isAuthoritative(claims),
		GivenName: claims.GivenName, FamilyName: claims.FamilyName, IssuedAt: claims.IssuedAt.Time,
	}, nil
}

// isAuthoritative reports whether Google is authoritative for the address. The
// address ends in @gmail.com, or it is verified and in the domain that Google hosts
// for the organisation. For every other address Google recommends a password or
// another challenge.
// https://developers.google.com/identity/gsi/web/guides/verify-google-id-token
func isAuthoritative(claims *idtoken.Claims) bool {
	_, domain, isAddress := strings.Cut(claims.Email, "@")
	if !isAddress || !bool(claims.EmailVerified) {
		return false
	}
	return strings.EqualFold(domain, "gmail.com") || claims.HostedDomain != "" && strings.EqualFold(domain, claims.HostedDomain)
}
