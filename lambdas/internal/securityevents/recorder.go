package securityevents

import (
	"context"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/pseudonym"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// patience is how long a request waits for its event to be written. DynamoDB
// takes some milliseconds; a second leaves room for a repetition.
const recordTimeout = time.Second

// EventRecorder is what use cases need of a Recorder. Their tests use a fake.
type EventRecorder interface {
	// Record returns an error, which is the response, only when the operation must not
	// happen unrecorded.
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

// Record counts an event in the metric of its kind, and writes it. When it cannot
// write it, it logs and counts that and returns nil, unless the kind is one that
// must not happen unrecorded: then it returns apierror.Unavailable.
func (r *Recorder) Record(ctx context.Context, event Event) error {
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
	telemetry.FromContext(ctx).ErrorContext(ctx, "a security event is lost", "event", string(event.Kind), "error", err.Error())
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
