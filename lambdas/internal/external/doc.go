// Package external calls external services, such that a service that is slow,
// down or broken costs a request its answer and nothing else.
//
// A client is built for one Service, whose base URL is fixed there. Every call
// has these limits, and docs/external-calls.md says what each fault becomes:
//
//   - time: the service's timeout, or what the request has left when that is
//     less, minus a margin in which to answer;
//   - size: an answer is read whole and up to MaxBytes, unpacked;
//   - repetition: only for methods that HTTP calls idempotent, or when the
//     caller says so (Repeatable), with full jitter and respect for Retry-After;
//   - a circuit breaker per service and environment: after 5 consecutive
//     failures nothing is sent for 60 s, then one probe;
//   - the address: redirects are not followed, TLS is 1.2 or newer, and plain
//     HTTP is for loopback only.
//
// Because answers are read whole, a client does not stream. Nothing of a request
// or an answer is logged; errors name the service and the kind of failure, never
// path, headers or body.
//
//	client, err := external.New(external.Service{
//		Name:    "revenuecat",
//		BaseURL: "https://api.revenuecat.com/v2",
//		Timeout: 5 * time.Second,
//	})
//	var customer struct{ ID string `json:"id"` }
//	err = client.Call(ctx, external.Call{Path: []string{"customers", id}}, &customer)
//
// Telemetry comes in as Middleware around each attempt, so that this package
// depends on no telemetry.
package external
