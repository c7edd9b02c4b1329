// Package redact has the text that stands in place of secrets and personal data.
package redact

// Marker stands in place of a removed value: in logs, in error reports, and wherever
// a value that must not be shown is formatted or encoded.
const Marker = "[REDACTED]"
