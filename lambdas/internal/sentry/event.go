package sentry

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
)

// eventOf returns a report as a Sentry event. Its fields are listed here and in
// docs/telemetry.md. It has no user, no request, and no name or variables of the
// machine.
// https://develop.sentry.dev/sdk/foundations/transport/event-payloads/
func eventOf(report function.ErrorReport, stage string) *sentry.Event {
	event := &sentry.Event{
		EventID:     sentry.EventID(report.ID),
		Timestamp:   report.At,
		Platform:    "go",
		Sdk:         sentry.SdkInfo{Name: "sentry.go", Version: sentry.SDKVersion},
		Level:       sentry.LevelError,
		Environment: stage,
		Release:     report.Release,
		Transaction: report.Route,
		Fingerprint: report.Kind,
		Exception:   exceptions(report.Errors),
		Tags: map[string]string{
			"function":  report.Function,
			"route":     report.Route,
			"requestId": report.Request,
			"traceId":   report.Trace,
			"status":    strconv.Itoa(report.Status),
			"code":      report.Code,
		},
	}
	if report.Unreported > 0 {
		event.Tags["unreported"] = strconv.Itoa(report.Unreported)
	}
	maps.DeleteFunc(event.Tags, func(_, value string) bool { return value == "" }) // Sentry rejects empty values
	if slices.ContainsFunc(report.Errors, func(e function.ReportedError) bool { return e.Panicked }) {
		event.Level = sentry.LevelFatal
	}
	return event
}

// exceptions returns a chain of errors in Sentry's order: the innermost first. The last
// one is the title.
func exceptions(chain []function.ReportedError) []sentry.Exception {
	list := make([]sentry.Exception, 0, len(chain))
	for _, reported := range slices.Backward(chain) {
		exception := sentry.Exception{Type: reported.Type, Value: reported.Text}
		if reported.Panicked {
			exception.Mechanism = &sentry.Mechanism{Type: "panic", Handled: new(bool)}
		}
		if len(reported.Calls) > 0 {
			exception.Stacktrace = &sentry.Stacktrace{Frames: frames(reported.Calls)}
		}
		list = append(list, exception)
	}
	return list
}

// frames returns the calls of a stack in Sentry's order: the innermost last.
func frames(calls []function.ReportedCall) []sentry.Frame {
	list := make([]sentry.Frame, 0, len(calls))
	for _, call := range slices.Backward(calls) {
		list = append(list, sentry.Frame{
			Module: call.Package, Function: call.Function, Filename: call.Package + "/" + call.File, Lineno: call.Line,
			InApp: strings.HasPrefix(call.Package, errorreport.Ours),
		})
	}
	return list
}

// encode returns the event in an envelope. It redacts every text once more, should the
// function that reported have an older release.
func encode(event *sentry.Event, dsn *sentry.Dsn) ([]byte, error) {
	envelope, err := event.ToEnvelope(&dsn.Dsn)
	if err != nil {
		return nil, fmt.Errorf("encode the event: %w", err)
	}
	for _, item := range envelope.Items {
		if item.Payload, err = errorreport.RedactJSON(item.Payload); err != nil {
			return nil, fmt.Errorf("redact the event: %w", err)
		}
		*item.Header.Length = len(item.Payload)
	}
	body, err := envelope.Serialize()
	if err != nil {
		return nil, fmt.Errorf("encode the envelope: %w", err)
	}
	return body, nil
}
