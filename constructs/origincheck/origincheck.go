// Package origincheck tells requests that came through the edge from those that
// were sent to the API's own address, past the edge's firewall. The edge adds a
// header with a secret that only it and the functions know; a function checks it
// before anything else:
//
//	checker := origincheck.New(origincheck.FromSecretsManager(client, arn))
//	if err := checker.Check(ctx, event.Headers[origincheck.Header]); err != nil { … }
//
// While the secret is being rotated, both its current and its previous value are
// right. The package knows nothing of CDK and can be used in any function.
package origincheck

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"sync"
	"time"
)

const (
	// Header is the header the edge adds, as an HTTP API hands it to a function.
	Header = "x-origin-secret"
	// SecretKey is the key of the value in the secret's JSON object.
	SecretKey = "ORIGIN_SECRET"
	// SecretVariable is the environment variable with the secret's ARN of the
	// authorizer in package authorizer.
	SecretVariable = "ORIGIN_SECRET_ARN"
	// HostKey is the key of the API's own host in the secret's JSON object.
	HostKey = "ORIGIN_HOST"
)

// ErrNotFromEdge is returned for a request that the edge did not send.
var ErrNotFromEdge = errors.New("the request did not come through the edge")

// Values returns the values that are right, the current one first.
type Values func(ctx context.Context) ([]string, error)

// refetchAfter is how old values must be to be read again for a wrong header.
// It bounds what an attacker who sends wrong headers makes us read, and how long
// a function refuses the edge after a rotation that it has not seen.
const refetchAfter = 10 * time.Second

// Checker checks requests. It reads the values at the first request and again
// when a header does not match them. It may be used by several goroutines.
type Checker struct {
	values Values

	mu      sync.Mutex
	known   [][sha256.Size]byte
	fetched time.Time
}

// New makes a Checker of values.
func New(values Values) *Checker { return &Checker{values: values} }

// Check returns nil for a request whose header holds a right value,
// ErrNotFromEdge for any other, and another error if the values could not be
// read and the header could not be checked.
func (c *Checker) Check(ctx context.Context, header string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.matches(header) {
		return nil
	}
	if !c.fetched.IsZero() && time.Since(c.fetched) < refetchAfter {
		return ErrNotFromEdge
	}
	if err := c.fetch(ctx); err != nil {
		return err
	}
	if !c.matches(header) {
		return ErrNotFromEdge
	}
	return nil
}

func (c *Checker) fetch(ctx context.Context) error {
	values, err := c.values(ctx)
	if err != nil {
		return err
	}
	c.known = nil
	for _, value := range values {
		if value != "" { // an empty header must never be right
			c.known = append(c.known, sha256.Sum256([]byte(value)))
		}
	}
	c.fetched = time.Now()
	return nil
}

// matches compares with every value in a time that depends neither on the header
// nor on which value it equals.
func (c *Checker) matches(header string) bool {
	sum := sha256.Sum256([]byte(header))
	equal := 0
	for _, known := range c.known {
		equal |= subtle.ConstantTimeCompare(sum[:], known[:])
	}
	return equal == 1
}
