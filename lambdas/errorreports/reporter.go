package errorreports

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/secretcache"
	"github.com/expenzez/infrastructure/lambdas/internal/sentry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/secrets"
)

// Reporter sends the error reports of all functions to Sentry.
var Reporter = function.Define(function.Spec[*reporter]{
	Name:    "error-reporter",
	Purpose: "Sends the error reports of all functions to Sentry.",
	New: func(resources *function.Resources) (*reporter, error) {
		return &reporter{
			stage:     resources.Stage(),
			transport: resources.Transport,
			dsn:       secretcache.OpenLazy(resources, secrets.Sentry),
		}, nil
	},
	Events: []function.EventOf[*reporter]{function.Receives(function.ErrorReports, (*reporter).Send)},
	Permissions: function.Permissions{
		Secrets:  []*secrets.Secret{secrets.Sentry},
		External: []function.Service{function.Sentry},
	},
	Timeout: 30 * time.Second,
})

// off is the DSN of a stage that sends no reports.
const off = "off"

type reporter struct {
	stage     string
	transport func(http.RoundTripper) http.RoundTripper
	dsn       *secretcache.Cache

	mu     sync.Mutex
	of     secretcache.Value // the DSN of the client
	client *sentry.Client
}

// Send sends a report to Sentry. It returns an error when Sentry does not have it.
func (r *reporter) Send(ctx context.Context, report function.ErrorReport) error {
	dsn, err := r.dsn.Get(ctx, secrets.SentryDSN)
	if err != nil {
		return err
	}
	if dsn.Equal(off) {
		telemetry.FromContext(ctx).InfoContext(ctx, "error report dropped: the DSN is off")
		return nil
	}
	client, err := r.clientOf(dsn)
	if err != nil {
		return err
	}
	return client.Send(ctx, report)
}

// clientOf returns the client for the DSN that is valid now.
func (r *reporter) clientOf(dsn secretcache.Value) (*sentry.Client, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil && r.of.Equal(dsn.Reveal()) {
		return r.client, nil
	}
	client, err := sentry.New(dsn.Reveal(), r.stage, r.transport)
	if err != nil {
		return nil, err
	}
	r.of, r.client = dsn, client
	return client, nil
}
