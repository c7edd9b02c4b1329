package function

import "context"

// Request is what a use case may know of the request beside its content.
type Request struct {
	// ID is API Gateway's id of the request, which the client is told too.
	ID string
	// SourceIP is the IP address of the client. Where the stage has an edge, the edge
	// vouches for it; elsewhere it is the address of the connection.
	SourceIP string
	// Country is the country of SourceIP as an ISO 3166 code of two letters, such as GB,
	// as the edge says. It is empty where the edge does not know the country, for a
	// request that another backend forwards, and where the stage has no edge.
	Country string
	// UserAgent is what the client says it is: up to it, and to be trusted as
	// little.
	UserAgent string
}

type requestKey struct{}

// WithRequest returns a context of the request.
func WithRequest(ctx context.Context, request Request) context.Context {
	return context.WithValue(ctx, requestKey{}, request)
}

// RequestOf returns the request that the context is of, or the zero value when
// it is of none.
func RequestOf(ctx context.Context) Request {
	request, _ := ctx.Value(requestKey{}).(Request)
	return request
}
