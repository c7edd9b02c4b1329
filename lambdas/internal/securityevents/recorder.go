package securityevents

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// recordTimeout is how long a request waits for its event to be written. DynamoDB
// takes some milliseconds; a second leaves time for a retry.
const recordTimeout = time.Second

// EventRecorder is the part of a Recorder for use cases. Their tests use a fake.
type EventRecorder interface {
	// Record returns an error only for an operation that must not happen unrecorded.
	// The error is the response.
	Record(ctx context.Context, event Event) error
}

// Recorder writes events. It is safe for concurrent use.
type Recorder struct {
	items   *store.Table[tables.SecurityEvent]
	names   *pseudonym.Maker
	now     func() time.Time
	timeout time.Duration
}

// Open returns the recorder for a function that declares PutItem on the
// SecurityEvents table and GenerateMac with the lookup key.
func Open(resources *function.Resources) *Recorder {
	return &Recorder{
		items:   store.Open[tables.SecurityEvent](resources, tables.SecurityEvents),
		names:   pseudonym.Open(resources),
		now:     time.Now,
		timeout: recordTimeout,
	}
}

// Record counts an event in the metric of its kind, and writes it. An event of high risk
// is counted and written as SuspiciousActivity too. When the write
// fails, Record logs and counts the failure and returns nil. For a kind that must not
// happen unrecorded, it returns apierror.Unavailable.
func (r *Recorder) Record(ctx context.Context, event Event) error {
	err := r.record(ctx, event)
	if suspicious, is := event.suspicion(); is {
		err = errors.Join(err, r.record(ctx, suspicious))
	}
	return err
}

func (r *Recorder) record(ctx context.Context, event Event) error {
	telemetry.MetricsOf(ctx).SecurityEvent(string(event.Kind))
	err := r.write(ctx, event)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("record %s: %w", event.Kind, err)
	if event.Kind.mustBeRecorded() {
		return apierror.Unavailable.Because(err)
	}
	telemetry.MetricsOf(ctx).EventLost()
	telemetry.FromContext(ctx).ErrorContext(ctx, "recording a security event failed", "event", string(event.Kind), "error", err.Error())
	return nil
}

func (r *Recorder) write(ctx context.Context, event Event) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	item, err := r.item(ctx, event)
	if err != nil {
		return err
	}
	return r.items.Put(ctx, item)
}
