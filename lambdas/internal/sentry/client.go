package sentry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

const (
	// sendTimeout bounds a call. A batch of ten has five calls at most until the breaker
	// is open, which is half of the reporter's timeout.
	sendTimeout = 3 * time.Second
	// defaultPause is the pause after a 429 without a Retry-After.
	// https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
	defaultPause = time.Minute
)

// errDSN leaves out the DSN, which is a secret.
var errDSN = errors.New("SENTRY_DSN is not a DSN: want https://<public key>@<host>/<project id>, as the settings of the project in Sentry show it")

// Client sends reports to one project. It is safe for concurrent use.
type Client struct {
	stage  string
	dsn    *sentry.Dsn
	client *external.Client

	mu    sync.Mutex
	quiet time.Time // until when Sentry asked for a pause
}

// New returns the client of the project with this DSN, and sends nothing yet. stage is
// Sentry's environment, such as "prod". The error for an invalid DSN, or one without
// https, leaves out the DSN. The middleware wraps each request to Sentry.
func New(dsn, stage string, middleware ...external.Middleware) (*Client, error) {
	parsed, err := sentry.NewDsn(dsn)
	if err != nil {
		return nil, errDSN
	}
	address := parsed.GetAPIURL()
	if address == nil {
		return nil, errDSN
	}
	client, err := external.New(external.Service{
		Name:     "sentry",
		BaseURL:  address.Scheme + "://" + address.Host,
		Timeout:  sendTimeout,
		Attempts: 1,
		MaxBytes: 16 << 10,

		NewConnections: true,
	}, middleware...)
	if err != nil {
		return nil, errDSN
	}
	return &Client{stage: stage, dsn: parsed, client: client}, nil
}

// Send sends a report. It returns when Sentry has it. The error says why Sentry does not
// have it. It uses a new connection, because an idle connection may have broken
// unnoticed while Lambda had the environment frozen.
func (c *Client) Send(ctx context.Context, report function.ErrorReport) error {
	if until := c.quietUntil(); time.Now().Before(until) {
		return fmt.Errorf("sentry asked for no more until %s", until.UTC().Format(time.RFC3339))
	}
	event := eventOf(report, c.stage)
	body, err := encode(event, c.dsn)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.dsn.GetAPIURL().String(), bytes.NewReader(body))
	if err != nil {
		return errDSN
	}
	request.Header.Set("Content-Type", "application/x-sentry-envelope")
	request.Header.Set("User-Agent", event.Sdk.Name+"/"+event.Sdk.Version)
	request.Header.Set("X-Sentry-Auth", fmt.Sprintf("Sentry sentry_version=7, sentry_client=%s/%s, sentry_key=%s", event.Sdk.Name, event.Sdk.Version, c.dsn.GetPublicKey()))
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode < http.StatusBadRequest {
		return nil
	}
	refused := c.client.StatusError(response, nil)
	if refused.Status == http.StatusTooManyRequests {
		c.pauseUntil(refused.RetryAfter)
	}
	return refused
}

func (c *Client) quietUntil() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.quiet
}

// pauseUntil remembers how long Sentry asked for a pause. It uses the wall clock,
// because the monotonic clock stops while Lambda has the environment frozen.
func (c *Client) pauseUntil(pause time.Duration) {
	if pause == 0 {
		pause = defaultPause
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quiet = time.Now().Round(0).Add(pause)
}
