package errortracking

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry"
)

// Event describes a failed request. It must not contain personal data.
type Event struct {
	// Route is the route's key, such as "GET /profile".
	Route string
	// RequestID is API Gateway's id, which the error body contains too.
	RequestID string
	// Status is the HTTP status of the response. Responses below 500 are not
	// reported.
	Status int
	// Code is the code of the response, such as "INTERNAL_ERROR".
	Code string
}

// event returns the failure as a Sentry event. Its fields are listed here and in
// docs/telemetry.md. It has no user, no request, and no name or variables of the
// machine.
// https://develop.sentry.dev/sdk/foundations/transport/event-payloads/
func (t *Tracker) event(ctx context.Context, failure error, about Event) *sentry.Event {
	list := exceptions(failure)
	event := &sentry.Event{
		EventID:     newID(),
		Timestamp:   time.Now().UTC(),
		Platform:    "go",
		Sdk:         sentry.SdkInfo{Name: "sentry.go", Version: sentry.SDKVersion},
		Level:       sentry.LevelError,
		Environment: t.source.Stage,
		Release:     t.source.Release,
		Transaction: about.Route,
		Fingerprint: fingerprint(about, list),
		Exception:   list,
		Tags: map[string]string{
			"function":  t.source.Function,
			"route":     about.Route,
			"requestId": about.RequestID,
			"traceId":   telemetry.TraceID(ctx),
			"status":    strconv.Itoa(about.Status),
			"code":      about.Code,
		},
	}
	maps.DeleteFunc(event.Tags, func(_, value string) bool { return value == "" }) // Sentry rejects empty values
	if slices.ContainsFunc(list, func(e sentry.Exception) bool { return e.Mechanism != nil }) {
		event.Level = sentry.LevelFatal
	}
	return event
}

// newID returns a random UUID without hyphens, as Sentry requires.
func newID() sentry.EventID {
	id := make([]byte, 16)
	rand.Read(id)             // never fails
	id[6] = id[6]&0x0f | 0x40 // version 4
	id[8] = id[8]&0x3f | 0x80 // of RFC 9562
	return sentry.EventID(hex.EncodeToString(id))
}
