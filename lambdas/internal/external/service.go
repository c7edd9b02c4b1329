package external

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/connections"
)

// Service identifies an external service, and has the limits of its calls.
type Service struct {
	// Name names the service in errors and logs. Clients with the same name share a
	// circuit breaker.
	Name string
	// BaseURL is the base of every call's URL, such as "https://api.openai.com/v1".
	// Plain HTTP is accepted for loopback addresses, which the fakes of the local
	// stage and the tests have.
	BaseURL string
	// Timeout bounds a whole call with its retries. Default: 10 s.
	Timeout time.Duration
	// Margin is reserved of the request's deadline for the response to the client.
	// Default: 500 ms.
	Margin time.Duration
	// Attempts is the maximum number of attempts of a call. Default: 3.
	Attempts int
	// MaxBytes is the maximum size of a response after decompression. Default: 1 MiB.
	MaxBytes int64
	// RetryAfterUnit is the unit of the service's Retry-After header. Default: a
	// second, as in HTTP.
	RetryAfterUnit time.Duration
	// NewConnections has each attempt open a connection. It is for calls that must not be
	// repeated: an idle connection that broke while Lambda had the environment frozen fails
	// the call that finds it. Default: idle connections are used again.
	NewConnections bool
}

// Middleware wraps the transport of a client and sees each attempt. It adds, for
// example, a span around an external call:
//
//	func(next http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(next) }
type Middleware func(next http.RoundTripper) http.RoundTripper

// Client calls one service. It is safe for concurrent use.
type Client struct {
	service Service
	base    *url.URL
	http    *http.Client
}

// New returns a client for the service. The last middleware is the outermost. New
// returns an error when the name is missing or the base URL is invalid.
func New(service Service, middleware ...Middleware) (*Client, error) {
	if service.Name == "" {
		return nil, errors.New("external service: the name is missing")
	}
	base, err := url.Parse(service.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("external service %s: base URL: %w", service.Name, err)
	}
	if base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("external service %s: base URL must be scheme, host and path only", service.Name)
	}
	if base.Scheme != "https" && (base.Scheme != "http" || !net.ParseIP(base.Hostname()).IsLoopback()) {
		return nil, fmt.Errorf("external service %s: base URL must be https (http is for loopback addresses)", service.Name)
	}
	var next http.RoundTripper = transport()
	for _, wrap := range middleware {
		next = wrap(next)
	}
	return &Client{service: service.withDefaults(), base: base, http: &http.Client{
		Transport:     next,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (s Service) withDefaults() Service {
	if s.Timeout == 0 {
		s.Timeout = 10 * time.Second
	}
	if s.Margin == 0 {
		s.Margin = 500 * time.Millisecond
	}
	if s.Attempts == 0 {
		s.Attempts = 3
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = 1 << 20
	}
	if s.RetryAfterUnit == 0 {
		s.RetryAfterUnit = time.Second
	}
	return s
}

// transport is shared by all clients of the process. It uses no proxy, so a call goes
// to the configured host. Idle connections are closed early, because a freeze of the
// Lambda environment breaks them anyway.
var transport = sync.OnceValue(func() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext, // for plain HTTP to loopback addresses
		DialTLSContext:         connections.DialTLS,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
})
