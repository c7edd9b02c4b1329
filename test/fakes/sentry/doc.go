// Package sentry is a stand-in for Sentry's envelope endpoint
// (https://develop.sentry.dev/sdk/foundations/transport/envelopes/). It takes the
// events of one project and refuses what is not of the documented form.
package sentry
