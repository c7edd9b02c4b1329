package errortracking

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
)

const (
	// sendTimeout bounds how long a report delays an invocation. It covers four round
	// trips to Frankfurt and some spare time.
	sendTimeout = 400 * time.Millisecond
	// reserve is the part of the invocation's time that is left for its spans and the
	// response.
	reserve = 250 * time.Millisecond
	// defaultPause is the pause after a 429 without a Retry-After.
	// https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
	defaultPause = time.Minute
)

// errDSN leaves out the DSN, which is a secret.
var errDSN = errors.New("SENTRY_DSN is not a DSN: want https://<public key>@<host>/<project id>, as the settings of the project in Sentry show it")

// Source identifies the sender of every event.
type Source struct {
	// Stage is Sentry's environment, such as "prod".
	Stage string
	// Function is the function's declared name, such as "auth-login".
	Function string
	// Release identifies the build. Default: none, and Sentry does not separate
	// releases.
	Release string
}

// Tracker reports failures. It is safe for concurrent use; nil reports nothing.
type Tracker struct {
	source Source
	dsn    *sentry.Dsn
	client *external.Client

	mu    sync.Mutex
	quiet time.Time // until when Sentry asked for a pause
}

// New returns the tracker of a function, and sends nothing yet. An empty DSN gives a
// nil Tracker. The error for an invalid DSN, or one without https, leaves out the
// DSN. The middleware wraps each request to Sentry.
func New(dsn string, source Source, middleware ...external.Middleware) (*Tracker, error) {
	if dsn == "" {
		return nil, nil
	}
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
		Margin:   reserve,
		Attempts: 1,
		MaxBytes: 16 << 10,
	}, middleware...)
	if err != nil {
		return nil, errDSN
	}
	return &Tracker{source: source, dsn: parsed, client: client}, nil
}

// Report sends a failure. It returns when Sentry has it, after 400 ms, or 250 ms
// before the context's deadline, whichever comes first. Failures below 500 are client
// errors and are not sent. The error says why the report was lost; the caller logs it
// and goes on.
func (t *Tracker) Report(ctx context.Context, failure error, about Event) error {
	if t == nil || failure == nil || about.Status < http.StatusInternalServerError {
		return nil
	}
	if err := t.send(ctx, t.event(ctx, failure, about)); err != nil {
		return fmt.Errorf("the failure is not in error tracking: %w", err)
	}
	return nil
}

// send posts the event on a new connection, because an idle connection may have
// broken unnoticed while Lambda had the environment frozen.
func (t *Tracker) send(ctx context.Context, event *sentry.Event) error {
	if until := t.quietUntil(); time.Now().Before(until) {
		return fmt.Errorf("sentry asked for no more until %s", until.UTC().Format(time.RFC3339))
	}
	body, err := encode(event, t.dsn)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.dsn.GetAPIURL().String(), bytes.NewReader(body))
	if err != nil {
		return errDSN
	}
	request.Close = true
	request.Header.Set("Content-Type", "application/x-sentry-envelope")
	request.Header.Set("User-Agent", event.Sdk.Name+"/"+event.Sdk.Version)
	request.Header.Set("X-Sentry-Auth", fmt.Sprintf("Sentry sentry_version=7, sentry_client=%s/%s, sentry_key=%s", event.Sdk.Name, event.Sdk.Version, t.dsn.GetPublicKey()))
	response, err := t.client.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode < http.StatusBadRequest {
		return nil
	}
	refused := t.client.StatusError(response, nil)
	if refused.Status == http.StatusTooManyRequests {
		t.pauseUntil(refused.RetryAfter)
	}
	return refused
}

func (t *Tracker) quietUntil() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.quiet
}

// pauseUntil remembers how long Sentry asked for a pause. It uses the wall clock,
// because the monotonic clock stops while Lambda has the environment frozen.
func (t *Tracker) pauseUntil(pause time.Duration) {
	if pause == 0 {
		pause = defaultPause
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quiet = time.Now().Round(0).Add(pause)
}
