// Package tracing sends a function's spans to X-Ray over OTLP/HTTP: one for the
// invocation, below the segment that Lambda records, and one for each call of AWS and
// of external services.
//
// The spans are OpenTelemetry's. This package sends them in OTLP's JSON form, because
// OpenTelemetry's exporter adds gRPC to the binary, which doubles the binary and its
// memory. docs/telemetry.md has the figures. X-Ray's id generator is not needed,
// because every trace begins outside the function.
//
// A nil *Tracer traces nothing and costs nothing. Functions that do not import this
// package do not include OpenTelemetry.
package tracing
