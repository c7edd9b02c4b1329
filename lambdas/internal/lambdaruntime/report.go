package lambdaruntime

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errortracking"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// reporter reports failures of the backend to Sentry. It reads the DSN at the first
// failure, because most environments never report one. Without a DSN nothing is
// reported.
type reporter struct {
	source errortracking.Source
	secret *secretcache.Cache

	mu      sync.Mutex
	dsn     secretcache.Value
	tracker *errortracking.Tracker
}

// dsnTimeout is how long reading the DSN may delay a failed request.
const dsnTimeout = 200 * time.Millisecond

func newReporter(resources *function.Resources, name string) *reporter {
	return &reporter{
		source: errortracking.Source{Stage: resources.Stage(), Function: name, Release: os.Getenv("AWS_LAMBDA_FUNCTION_VERSION")},
		secret: secretcache.OpenLazy(resources, secrets.Sentry),
	}
}

// report reports a failure. When the report itself fails, report logs a warning.
func (r *reporter) report(ctx context.Context, failure error, about errortracking.Event) {
	tracker, err := r.currentTracker(ctx)
	if err == nil {
		err = tracker.Report(ctx, failure, about)
	}
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "error report failed", "error", err.Error())
	}
}

// currentTracker returns the tracker for the DSN that is valid now.
func (r *reporter) currentTracker(ctx context.Context) (*errortracking.Tracker, error) {
	ctx, cancel := context.WithTimeout(ctx, dsnTimeout)
	defer cancel()
	dsn, err := r.secret.Get(ctx, secrets.SentryDSN)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tracker != nil && r.dsn.Equal(dsn.Reveal()) {
		return r.tracker, nil
	}
	tracker, err := errortracking.New(dsn.Reveal(), r.source)
	if err != nil {
		return nil, err
	}
	r.dsn, r.tracker = dsn, tracker
	return tracker, nil
}
