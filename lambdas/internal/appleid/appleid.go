package appleid

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/lambdas/internal/idtoken"
)

// Issuer is the issuer of Apple's tokens, and the audience of the backend's client
// secrets.
const Issuer = "https://appleid.apple.com"

// Errors for use cases. The errors of package external mean that Apple could not be
// reached.
var (
	// ErrInvalidToken is returned for an invalid identity token.
	ErrInvalidToken = idtoken.ErrInvalid
	// ErrInvalidCode is returned for an authorization code that is unknown, used
	// or older than five minutes.
	ErrInvalidCode = errors.New("authorization code is not valid")
	// ErrRejected is returned when Apple rejects the backend's client secret. The
	// cause is a wrong value in the secret "apple", not the user.
	ErrRejected = errors.New("apple: the client secret is rejected: check team id, key id, private key and client id in the secret \"apple\"")
)

// Credentials identify the app to Apple.
type Credentials struct {
	TeamID string
	KeyID  string
	// PrivateKey is the PEM text of the .p8 file.
	PrivateKey string
	// ClientIDs are the app's bundle id and, if there is one, its services id.
	ClientIDs []string
}

// Config configures a client of Apple.
type Config struct {
	// BaseURL is the base URL of the service. Required.
	BaseURL string
	// Credentials returns the credentials. It is called at their first use, and again
	// when Apple rejects them.
	Credentials func(context.Context) (Credentials, error)
	// Now is the clock. Default: time.Now.
	Now func() time.Time
	// Middleware wraps each attempt, for telemetry.
	Middleware []external.Middleware
}

// Client calls Apple. It is safe for concurrent use.
type Client struct {
	http        *external.Client
	verifier    *idtoken.Verifier
	credentials *external.Credential[Credentials]
	now         func() time.Time
}

// New returns a client without fetching anything. It returns an error when the
// credentials are missing or the base URL is invalid.
func New(config Config) (*Client, error) {
	if config.Credentials == nil {
		return nil, errors.New("apple: Config.Credentials is missing")
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	client, err := external.New(external.Service{
		Name:     "apple",
		BaseURL:  config.BaseURL,
		Timeout:  5 * time.Second,
		MaxBytes: 64 << 10, // the key set and a token response are about 3 KB
	}, config.Middleware...)
	if err != nil {
		return nil, err
	}
	return &Client{
		http:        client,
		verifier:    idtoken.NewVerifier(idtoken.NewJWKS(client, config.Now, "auth", "keys"), Issuer),
		credentials: external.NewCredential(config.Credentials),
		now:         config.Now,
	}, nil
}

// Identity is the user of an identity token.
type Identity struct {
	// Subject is the user's stable id within the developer team.
	Subject string
	// ClientID is the id of the app or service that the token was issued for.
	ClientID string
	// Email is empty when Apple does not share it.
	Email         string
	EmailVerified bool
	// Authoritative reports whether Apple hosts the mailbox of Email, or relays its
	// mail, so that only its owner can have the token.
	Authoritative bool
	// PrivateEmail reports whether Email is a relay address.
	PrivateEmail bool
	// IssuedAt is when Apple issued the token, in whole seconds.
	IssuedAt time.Time
}

// Verify returns the identity of an identity token. A given nonce must match the
// token's. Verify returns ErrInvalidToken or an error of package external.
func (c *Client) Verify(ctx context.Context, identityToken, nonce string) (Identity, error) {
	var identity Identity
	err := c.credentials.Use(ctx, neverRetry, func(credentials Credentials) (err error) {
		identity, err = c.verify(ctx, identityToken, nonce, credentials.ClientIDs)
		return err
	})
	return identity, err
}

func neverRetry(error) bool { return false }

func (c *Client) verify(ctx context.Context, identityToken, nonce string, clientIDs []string) (Identity, error) {
	claims, err := c.verifier.Verify(ctx, identityToken, clientIDs)
	if err != nil {
		return Identity{}, err
	}
	if nonce != "" && subtle.ConstantTimeCompare([]byte(nonce), []byte(claims.Nonce)) != 1 {
		return Identity{}, fmt.Errorf("%w: it has another nonce", ErrInvalidToken)
	}
	return Identity{
		Subject:       claims.Subject,
		ClientID:      claims.Audience[0],
		Email:         claims.Email,
		EmailVerified: bool(claims.EmailVerified),
		Authoritative: isAuthoritative(claims),
		PrivateEmail:  bool(claims.PrivateEmail),
		IssuedAt:      claims.IssuedAt.Time,
	}, nil
}

// ownDomains are the domains of iCloud Mail and of Apple's private email relay.
// https://support.apple.com/118230
// https://developer.apple.com/documentation/signinwithapple/communicating-using-the-private-email-relay-service
// Apple's notice of 15 June 2026 adds private.icloud.com for new relay addresses
// (https://developer.apple.com/news/).
var ownDomains = []string{"icloud.com", "me.com", "mac.com", "privaterelay.appleid.com", "private.icloud.com"}

// isAuthoritative reports whether the verified address is in one of Apple's own
// domains. An Apple Account may have any other address, which Apple verified once.
func isAuthoritative(claims *idtoken.Claims) bool {
	_, domain, isAddress := strings.Cut(claims.Email, "@")
	return isAddress && bool(claims.EmailVerified) && slices.Contains(ownDomains, strings.ToLower(domain))
}

// Tokens are the result of exchanging an authorization code.
type Tokens struct {
	// RefreshToken is the token for Revoke. It does not expire.
	RefreshToken string
	AccessToken  string
	// Identity is the user that the code was issued to. The caller must compare its
	// Subject with the identity token that came with the code.
	Identity Identity
}

// Exchange exchanges the authorization code of an app (Identity.ClientID) for tokens.
// A code works once, so a failed exchange is not retried. Exchange returns
// ErrInvalidCode, ErrRejected or an error of package external.
func (c *Client) Exchange(ctx context.Context, clientID, code string) (Tokens, error) {
	var answer struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
		IDToken      string `json:"id_token"`
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}}
	if err := c.post(ctx, "token", clientID, form, &answer); err != nil {
		return Tokens{}, err
	}
	identity, err := c.verify(ctx, answer.IDToken, "", []string{clientID})
	if errors.Is(err, ErrInvalidToken) {
		return Tokens{}, fmt.Errorf("apple: %w: its identity token: %w", external.ErrInvalidResponse, err)
	}
	return Tokens{RefreshToken: answer.RefreshToken, AccessToken: answer.AccessToken, Identity: identity}, err
}

// Revoke ends the authorization behind a refresh token of the app. Revoking it again
// succeeds. Revoke returns ErrRejected or an error of package external.
func (c *Client) Revoke(ctx context.Context, clientID, refreshToken string) error {
	form := url.Values{"token": {refreshToken}, "token_type_hint": {"refresh_token"}}
	return c.post(external.AllowRetry(ctx), "revoke", clientID, form, nil)
}
