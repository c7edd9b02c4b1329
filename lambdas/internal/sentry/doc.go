// Package sentry sends error reports to Sentry. Only the reporter calls it
// (lambdas/errorreports).
//
// Events, DSNs and envelopes are those of sentry-go; its client and transports are not
// used. The client adds the machine's name, modules and SENTRY_ variables to events and
// looks for a release with git. The transports, the synchronous one too, keep it to
// themselves whether an event has arrived, and read refusals of any size. An event is
// posted through package external instead.
package sentry
