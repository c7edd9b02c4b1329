// Package external calls external services. A slow, unreachable or broken service
// fails the request that needs it and nothing else.
//
// A client is built for one Service with a fixed base URL. Every call has these
// limits, and docs/external-calls.md says what each fault becomes:
//
//   - time: the service's timeout, or the request's remaining time minus a margin for
//     the response, whichever is less
//   - size: a response is read completely, up to MaxBytes after decompression
//   - retries: only for methods that are idempotent in HTTP, or with AllowRetry, with
//     full jitter and respect for Retry-After
//   - a circuit breaker per service and environment: after 5 consecutive failures no
//     request is sent for 60 s, and then one probe
//   - the URL: redirects are not followed, TLS is 1.2 or newer, and plain HTTP is for
//     loopback only
//
// Responses are read completely, so a client does not stream. Requests and responses
// are not logged. Errors name the service and the kind of failure, never path,
// headers or body.
//
//	client, err := external.New(external.Service{
//		Name:    "revenuecat",
//		BaseURL: "https://api.revenuecat.com/v2",
//		Timeout: 5 * time.Second,
//	})
//	var customer struct{ ID string `json:"id"` }
//	err = client.Call(ctx, external.Call{Path: []string{"customers", id}}, &customer)
//
// Telemetry wraps each attempt as Middleware, so this package does not import
// telemetry.
package external
