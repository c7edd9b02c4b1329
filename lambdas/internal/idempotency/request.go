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

// Request is what must not be done twice.
type Request struct {
	// User is the id of the signed-in user. Required.
	User string
	// Route is the route key, such as "POST /budgets". Required.
	Route string
	// ClientKey is the key that the client gave the request, of at most 255
	// printable ASCII characters, and the same on each attempt. Default: none; then
	// two requests with the same body within DerivedWindow are one.
	ClientKey string
	// Body is the request's body, as it came in.
	Body []byte
}

const (
	// ClientWindow is how long a request with a client's key is remembered.
	ClientWindow = 24 * time.Hour
	// DerivedWindow is how long a request without one is. The app gives up after
	// 30 s, and a person who taps again does so at once; but somebody who buys the
	// same coffee twice means both.
	DerivedWindow = 2 * time.Minute
)

// errBadKey is the answer to a client's key that cannot be one.
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

// id is the id of the request's record. Users, routes, and keys of either kind
// never share one.
func (r Request) id() string {
	if r.ClientKey != "" {
		return digest(r.User, r.Route, "client", r.ClientKey)
	}
	return digest(r.User, r.Route, "body", string(r.Body))
}

// fingerprint tells bodies under one client's key apart.
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
		_ = binary.Write(hash, binary.BigEndian, uint32(len(part))) // a hash takes everything
		hash.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(hash.Sum(nil))
}
