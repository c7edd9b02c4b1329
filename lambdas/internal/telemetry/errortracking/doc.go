// Package errortracking reports the failures of a function to Sentry: every
// answer of 500 and above, and panics with the stack of the call that panicked
// (telemetry.Recovered keeps it).
//
//	tracker, err := errortracking.New(dsn, errortracking.Source{Stage: "prod", Function: "auth-login"})
//	…
//	if err := tracker.Report(ctx, failure, errortracking.Event{
//		Route: "POST /auth/login", RequestID: id, Status: failure.Status, Code: failure.Code,
//	}); err != nil {
//		logger.WarnContext(ctx, "error not tracked", "error", err.Error())
//	}
//
// A report says what failed and where, and nothing about whom it concerned: every
// text goes through telemetry.RedactText, and the fields that could hold a
// request, a user or the machine are never filled. docs/telemetry.md lists what
// is sent.
//
// Events, DSNs, stacks and envelopes are those of sentry-go; its client and
// transports are not used. The client adds the machine's name, modules and
// SENTRY_ variables to events and looks for a release with git. The transports,
// the synchronous one too, keep it to themselves whether an event has arrived,
// and read refusals of any size. An event is posted through package external
// instead, before Report returns: what is left to the background is frozen with
// the environment.
//
// A nil *Tracker reports nothing and costs nothing.
package errortracking
