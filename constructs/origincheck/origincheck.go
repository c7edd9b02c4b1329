// Package origincheck refuses requests that were sent to the API's own address and
// so bypassed CloudFront and its web ACL. CloudFront adds a header with a secret that
// only it and the functions know. A function checks the header first:
//
//	checker := origincheck.New(origincheck.FromSecretsManager(client, arn))
//	if err := checker.Check(ctx, event.Headers[origincheck.Header]); err != nil { … }
//
// During a rotation, the current and the previous value are both accepted. The
// package does not depend on CDK and can be used in any function.
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
	// Header is the header that CloudFront adds, in the spelling in which an HTTP
	// API passes it to a function.
	Header = "x-origin-secret"
	// SecretKey is the key of the value in the secret's JSON object.
	SecretKey = "ORIGIN_SECRET"
	// SecretVariable is the environment variable of package authorizer that holds
	// the secret's ARN.
	SecretVariable = "ORIGIN_SECRET_ARN"
	// HostKey is the key of the API's own host in the secret's JSON object.
	HostKey = "ORIGIN_HOST"
	// ClientIPHeader is the header in which the edge puts the client's IP address.
	// Trust it only in a request whose Header was accepted.
	ClientIPHeader = "true-client-ip"
	// CountryHeader is the header in which CloudFront puts the client's country, where
	// the edge is made with ViewerCountry. Trust it only in a request whose Header was
	// accepted.
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
	CountryHeader = "cloudfront-viewer-country"
)

// Another backend may forward the requests of its own clients through the edge. It
// proves itself with a secret of its own.
const (
	// ForwarderHeader is the header with the forwarding backend's secret.
	ForwarderHeader = "x-forwarder-secret"
	// ForwardedIPHeader is the header in which the forwarding backend puts its
	// client's IP address. Trust it only in a request whose Header and
	// ForwarderHeader were accepted.
	ForwardedIPHeader = "x-forwarder-client-ip"
	// ForwarderKey is the key of the value in the forwarder secret's JSON object.
	ForwarderKey = "FORWARDER_SECRET"
)

// ErrNotFromEdge is returned for a request that did not come through CloudFront.
var ErrNotFromEdge = errors.New("the request did not come through the edge")

// Values returns the accepted values, the current one first.
type Values func(ctx context.Context) ([]string, error)

// refetchAfter is the age from which values are read again for a wrong header. It
// limits the reads that an attacker with wrong headers can cause. It also limits
// how long a function refuses CloudFront after a rotation.
const refetchAfter = 10 * time.Second

// Checker checks requests. It reads the values at the first request, and again when
// a header matches none of them. It is safe for concurrent use.
type Checker struct {
	values Values

	mu      sync.Mutex
	known   [][sha256.Size]byte
	fetched time.Time
}

// New makes a Checker of values.
func New(values Values) *Checker { return &Checker{values: values} }

// Check returns nil if the header holds an accepted value, and ErrNotFromEdge if it
// does not. It returns another error if the values cannot be read.
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

// Load reads the values ahead of the first request. It returns the error of the
// read.
func (c *Checker) Load(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fetch(ctx)
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

// matches compares the header with every value. The time depends neither on the
// header nor on the matching value.
func (c *Checker) matches(header string) bool {
	sum := sha256.Sum256([]byte(header))
	equal := 0
	for _, known := range c.known {
		equal |= subtle.ConstantTimeCompare(sum[:], known[:])
	}
	return equal == 1
}
