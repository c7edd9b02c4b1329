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
	// sendTimeout is the longest that a report may hold an invocation up: four round
	// trips to Frankfurt and back, and time to spare.
	sendTimeout = 400 * time.Millisecond
	// reserve is kept of the invocation's time for what comes after: its spans and
	// the answer.
	reserve = 250 * time.Millisecond
	// defaultPause is how long nothing is sent after a 429 that does not say.
	// https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
	defaultPause = time.Minute
)

// errDSN does not show the DSN, which is a secret's value.
var errDSN = errors.New("SENTRY_DSN is not a DSN: want https://<public key>@<host>/<project id>, as the settings of the project in Sentry show it")

// Source is what reports; every event says it.
type Source struct {
	// Stage is Sentry's environment, such as "prod".
	Stage string
	// Function is the function's declared name, such as "auth-login".
	Function string
	// Release names the build. Default: none, and Sentry tells no releases apart.
	Release string
}

// Tracker reports failures. It is safe for concurrent use; nil reports nothing.
type Tracker struct {
	source Source
	dsn    *sentry.Dsn
	client *external.Client

	mu    sync.Mutex
	quiet time.Time // until when Sentry asked for nothing
}

// New returns the tracker of a function. Nothing is sent yet. An empty DSN gives
// nil; the error says that the DSN is none, or not one of https, and does not
// show it. The middleware wraps each request to Sentry.
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

// Report sends a failure and returns when Sentry has it, after 400 ms or 250 ms
// before the context's deadline, whichever is first. Failures below 500 are the
// client's own and not sent. The error says why the report is lost: worth a line
// in the log, and no more.
func (t *Tracker) Report(ctx context.Context, failure error, about Event) error {
	if t == nil || failure == nil || about.Status < http.StatusInternalServerError {
		return nil
	}
	if err := t.send(ctx, t.event(ctx, failure, about)); err != nil {
		return fmt.Errorf("the failure is not in error tracking: %w", err)
	}
	return nil
}

// send posts the event on a connection of its own: one that lay idle while Lambda
// had the environment frozen may be dead without anyone knowing.
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

// pauseUntil remembers for how long Sentry wants nothing, by the clock on the
// wall: Go's own stands still while Lambda has the environment frozen.
func (t *Tracker) pauseUntil(pause time.Duration) {
	if pause == 0 {
		pause = defaultPause
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.quiet = time.Now().Round(0).Add(pause)
}
