package idempotency

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Request is a request that must have its effect once.
type Request struct {
	// User is the id of the signed-in user. Required.
	User string
	// Route is the route key, such as "POST /budgets". Required.
	Route string
	// ClientKey is the key that the client gave the request: at most 255 printable
	// ASCII characters, the same on each attempt. Default: none; two requests with
	// the same body within DerivedWindow then count as one.
	ClientKey string
	// Body is the request's body as received.
	Body []byte
}

const (
	// ClientWindow is how long a request with a client's key is remembered.
	ClientWindow = 24 * time.Hour
	// DerivedWindow is how long a request without a client's key is remembered. The
	// app gives up after 30 s, and a person who taps again does so at once. A person
	// who buys the same coffee later means a second purchase.
	DerivedWindow = 2 * time.Minute
)

// errBadKey is the response to an invalid key of a client.
var errBadKey = apierror.New(http.StatusUnprocessableEntity, "INVALID_IDEMPOTENCY_KEY", "The request cannot be accepted. Please try again.")

const maxKeyLength = 255

func (r Request) validate() error {
	if r.User == "" || r.Route == "" {
		return errors.New("an idempotent request needs a user and a route")
	}
	if len(r.ClientKey) > maxKeyLength {
		return errBadKey
	}
	for i := range len(r.ClientKey) {
		if c := r.ClientKey[i]; c <= ' ' || c > '~' {
			return errBadKey
		}
	}
	return nil
}

// id returns the id of the request's record. Different users, routes and kinds of key
// have different ids.
func (r Request) id() string {
	if r.ClientKey != "" {
		return digest(r.User, r.Route, "client", r.ClientKey)
	}
	return digest(r.User, r.Route, "body", string(r.Body))
}

// fingerprint tells apart the bodies of requests with the same client's key.
func (r Request) fingerprint() string { return digest(r.User, r.Route, "fingerprint", string(r.Body)) }

func (r Request) window() time.Duration {
	if r.ClientKey != "" {
		return ClientWindow
	}
	return DerivedWindow
}

// digest hashes the parts, each preceded by its length.
func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		_ = binary.Write(hash, binary.BigEndian, uint32(len(part))) // a hash accepts every write
		hash.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(hash.Sum(nil))
}
