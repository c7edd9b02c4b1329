package lambdaruntime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/messaging"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
)

const (
	// reportTimeout is how long all reports of an invocation may delay its response.
	// SQS answers within 20 ms. The first call opens a connection too, which takes most
	// of the time where the function has a tenth of a processor.
	reportTimeout = 300 * time.Millisecond
	// reportReserve is the part of the invocation's time that is left for its spans and
	// the response.
	reportReserve = 250 * time.Millisecond
)

// reporter puts reports of failures on the queue of error reports. A nil reporter
// reports nothing.
type reporter struct {
	source errorreport.Source
	sender *messaging.Sender[function.ErrorReport]
	limit  errorreport.Limiter
}

// newReporter returns the reporter of a function to a queue with this URL.
func newReporter(config aws.Config, url, name string) *reporter {
	return &reporter{
		source: errorreport.Source{Function: name, Release: os.Getenv("AWS_LAMBDA_FUNCTION_VERSION")},
		sender: messaging.NewSender(sqs.NewFromConfig(config), url, function.ErrorReports),
	}
}

// pending are the reports of one invocation.
type pending struct {
	mu      sync.Mutex
	reports []messaging.Message[function.ErrorReport]
}

type pendingKey struct{}

// begin returns a context that gathers the reports of an invocation. send sends them in
// one call, as messages of the request with this id.
func (r *reporter) begin(ctx context.Context, requestID string) (_ context.Context, send func()) {
	if r == nil {
		return ctx, func() {}
	}
	gathered := &pending{}
	work := context.WithValue(ctx, pendingKey{}, gathered)
	return work, func() {
		if err := r.send(function.WithRequest(ctx, function.Request{ID: requestID}), gathered); err != nil {
			telemetry.FromContext(ctx).WarnContext(ctx, "error report failed", "error", err.Error())
		}
	}
}

// report makes a report of the failure, unless the environment has made enough.
// Failures below 500 are client errors.
func (r *reporter) report(ctx context.Context, failure error, about errorreport.Failure) {
	gathered, within := ctx.Value(pendingKey{}).(*pending)
	if r == nil || !within || about.Status < http.StatusInternalServerError {
		return
	}
	made, err := errorreport.New(ctx, r.source, failure, about)
	if err != nil {
		telemetry.FromContext(ctx).WarnContext(ctx, "error report failed", "error", err.Error())
		return
	}
	unreported, admitted := r.limit.Admit(made.Kind, time.Now())
	if !admitted {
		return
	}
	made.Unreported = unreported
	gathered.mu.Lock()
	defer gathered.mu.Unlock()
	gathered.reports = append(gathered.reports, messaging.Message[function.ErrorReport]{ID: made.ID, Body: made})
}

func (r *reporter) send(ctx context.Context, gathered *pending) error {
	gathered.mu.Lock()
	defer gathered.mu.Unlock()
	if len(gathered.reports) == 0 {
		return nil
	}
	timeout := reportTimeout
	if end, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(end)-reportReserve)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := r.sender.Send(ctx, gathered.reports...)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%d reports were lost, no answer of SQS within %s", len(gathered.reports), timeout)
	}
	return err
}

// begin begins an invocation. end sends its reports, and writes its metrics and spans.
func (h *Handler) begin(ctx context.Context, about telemetry.Request) (_ context.Context, end func(status int, failure error)) {
	ctx, endTelemetry := h.telemetry.begin(ctx, h.function, about)
	ctx, send := h.reporter.begin(ctx, about.ID)
	return ctx, func(status int, failure error) {
		send()
		endTelemetry(status, failure)
	}
}
