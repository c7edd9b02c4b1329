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

// Service says what is called and within which limits.
type Service struct {
	// Name names the service in errors, logs and the registry of breakers:
	// clients with one name share a breaker.
	Name string
	// BaseURL is where every call of the client goes, such as
	// "https://api.openai.com/v1". Plain HTTP is accepted for loopback addresses,
	// where the local stage and the tests have their fakes.
	BaseURL string
	// Timeout is for a whole call with its repetitions. Default: 10 s.
	Timeout time.Duration
	// Margin is kept back from the request's deadline, to answer the client in.
	// Default: 500 ms.
	Margin time.Duration
	// Attempts is how often a call is tried at most. Default: 3.
	Attempts int
	// MaxBytes is the largest answer, unpacked. Default: 1 MiB.
	MaxBytes int64
	// RetryAfterUnit is the unit of the service's Retry-After header. Default: a
	// second, as HTTP has it.
	RetryAfterUnit time.Duration
}

// Middleware wraps the transport of a client and sees each attempt. A span
// around an external call comes in this way:
//
//	func(next http.RoundTripper) http.RoundTripper { return otelhttp.NewTransport(next) }
type Middleware func(next http.RoundTripper) http.RoundTripper

// Client calls one service. It is safe for concurrent use.
type Client struct {
	service Service
	base    *url.URL
	http    *http.Client
}

// New returns a client for the service. The last middleware is the outermost.
// It returns an error when the name is missing or the base URL is not one that a
// client may have.
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

// transport is shared by all clients of the process. Without a proxy, the
// address called is the one configured. Idle connections are given up early:
// after a pause of the Lambda environment they are dead anyway.
var transport = sync.OnceValue(func() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 3 * time.Second}).DialContext, // of plain HTTP, to loopback addresses
		DialTLSContext:         connections.DialTLS,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
})
