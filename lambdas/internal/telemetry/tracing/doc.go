// Package tracing sends a function's spans to X-Ray over OTLP/HTTP: one for the
// invocation, below the segment that Lambda itself records, and one for each
// call of AWS and of the world outside.
//
// The spans are OpenTelemetry's; sending them is ours, in OTLP's JSON form. The
// exporter of the OpenTelemetry project brings gRPC into the binary, which
// doubles it and its memory; docs/telemetry.md has the figures. An id generator
// for X-Ray is not needed: every trace begins outside of the function.
//
// A nil *Tracer traces nothing and costs nothing. Functions that do not import
// this package do not carry OpenTelemetry.
package tracing
