package external

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/backoff"
)

// Call is one request to the service.
type Call struct {
	// Method is the HTTP method. Default: GET.
	Method string
	// Path has the path segments after the base URL. They are escaped, so an id from
	// a client cannot reach another path.
	Path   []string
	Query  url.Values
	Header http.Header
	// Form is the body, encoded as a form. Default: no body.
	Form url.Values
	// JSON is the body, encoded as JSON. Default: no body. A call has one body at most.
	JSON any
}

// Call sends the request and decodes the JSON response into out. A nil out accepts
// any response. Call returns the errors of this package; a status of 400 or above is
// a *StatusError.
func (c *Client) Call(ctx context.Context, call Call, out any) error {
	req, err := c.request(ctx, call)
	if err != nil {
		return err
	}
	got, err := c.send(req, func(body []byte) error {
		switch {
		case out == nil:
			return nil
		case isNull(body):
			return errNull
		}
		return json.Unmarshal(body, out)
	})
	if err != nil {
		return err
	}
	if got.StatusCode >= http.StatusBadRequest {
		return c.statusError(got)
	}
	return nil
}

// errNull is returned for the JSON null. It is valid for every type, but leaves zero
// values, or a nil that a library would dereference.
var errNull = errors.New("null")

func isNull(body []byte) bool { return string(bytes.TrimSpace(body)) == "null" }

// Do sends a request that a library made for the service. It returns a 2xx response
// if its body is JSON other than null, and 4xx responses unchanged. Everything else
// is an error of this package. Do refuses a request to another host.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != c.base.Scheme || req.URL.Host != c.base.Host {
		return nil, fmt.Errorf("%s: request goes to another host than the base URL", c.service.Name)
	}
	got, err := c.send(req, func(body []byte) error {
		switch {
		case !json.Valid(body):
			return errors.New("not JSON")
		case isNull(body):
			return errNull
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return got.Response, nil
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	segments := make([]string, len(call.Path))
	for i, segment := range call.Path {
		if segment == "" || segment == "." || segment == ".." {
			return nil, fmt.Errorf("%s: %q cannot be a segment of a path", c.service.Name, segment)
		}
		segments[i] = url.PathEscape(segment)
	}
	address := c.base.JoinPath(segments...)
	address.RawQuery = call.Query.Encode()
	body, contentType, err := call.body()
	if err != nil {
		return nil, fmt.Errorf("%s: encode the request: %w", c.service.Name, err)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, address.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.service.Name, err)
	}
	if call.Header != nil {
		req.Header = call.Header.Clone()
	}
	req.Header.Set("Accept", "application/json")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req, nil
}

// body returns the body of the request and its type, nothing without a body.
func (c Call) body() (body io.Reader, contentType string, err error) {
	switch {
	case c.Form != nil:
		return strings.NewReader(c.Form.Encode()), "application/x-www-form-urlencoded", nil
	case c.JSON != nil:
		encoded, err := json.Marshal(c.JSON)
		return bytes.NewReader(encoded), "application/json", err
	}
	return nil, "", nil
}

// bufferedResponse is a response whose body has been read.
type bufferedResponse struct {
	*http.Response
	body []byte
}

// send repeats the request until it has a response, a retry is unsafe or useless, or
// the time is up.
func (c *Client) send(req *http.Request, accept func([]byte) error) (*bufferedResponse, error) {
	ctx, cancel, err := c.withTimeout(req.Context())
	if err != nil {
		return nil, err
	}
	defer cancel()
	var last error
	for attempt := 1; ; attempt++ {
		got, err := breakerOf(c.service.Name).Execute(func() (*bufferedResponse, error) { return c.attempt(ctx, req, accept) })
		if isBreakerOpen(err) {
			if last != nil { // the error that opened the breaker says more
				return nil, last
			}
			return nil, fmt.Errorf("%s: %w: %w", c.service.Name, ErrUnavailable, err)
		}
		failure := err
		if err == nil && got.StatusCode == http.StatusTooManyRequests {
			failure = c.statusError(got)
		}
		wait, retry := c.retryWait(ctx, req, attempt, failure)
		if !retry {
			return got, err
		}
		last = failure
		if !backoff.Sleep(ctx, wait) {
			return nil, c.transportError(ctx.Err())
		}
	}
}

// withTimeout bounds the context by the service's timeout, and by the request's
// deadline minus the margin.
func (c *Client) withTimeout(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, c.transportError(err)
	}
	timeout := c.service.Timeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)-c.service.Margin)
	}
	if timeout <= 0 {
		return nil, nil, fmt.Errorf("%s: %w: the request's deadline is too near to ask", c.service.Name, ErrTimeout)
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	return limited, cancel, nil
}

// attempt sends the request once. Its errors count as failures of the service, and are a
// sentError when there was a connection to send the request on.
func (c *Client) attempt(ctx context.Context, req *http.Request, accept func([]byte) error) (*bufferedResponse, error) {
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	got, err := c.roundTrip(ctx, req, accept)
	if err != nil && connected.Load() {
		err = sentError{err}
	}
	if err == nil && got.StatusCode < http.StatusBadRequest || IsUnknown(err) {
		countActed(ctx)
	}
	return got, err
}

// roundTrip sends the request and reads the response.
func (c *Client) roundTrip(ctx context.Context, req *http.Request, accept func([]byte) error) (*bufferedResponse, error) {
	try := req.Clone(ctx)
	try.Close = req.Close || c.service.NewConnections
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, fmt.Errorf("%s: request body: %w", c.service.Name, err)
		}
		try.Body = body
	}
	response, err := c.http.Do(try)
	if err != nil {
		return nil, c.transportError(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, c.service.MaxBytes+1))
	if err != nil {
		return nil, c.transportError(err)
	}
	if int64(len(body)) > c.service.MaxBytes {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", c.service.Name, ErrTooLarge, c.service.MaxBytes)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	got := &bufferedResponse{response, body}
	switch status := response.StatusCode; {
	case status >= http.StatusInternalServerError:
		return nil, c.statusError(got)
	case status >= http.StatusBadRequest:
		return got, nil
	case status >= http.StatusMultipleChoices:
		return nil, fmt.Errorf("%s: %w: redirect (%d) not followed", c.service.Name, ErrInvalidResponse, status)
	}
	if err := accept(body); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", c.service.Name, ErrInvalidResponse, err)
	}
	return got, nil
}

func (c *Client) statusError(got *bufferedResponse) *StatusError {
	return c.StatusError(got.Response, got.body)
}

// StatusError returns a response with status 400 or above as an error. It is for a
// library that has read the body of a response from Do.
func (c *Client) StatusError(response *http.Response, body []byte) *StatusError {
	return &StatusError{
		Service:    c.service.Name,
		Status:     response.StatusCode,
		Body:       body,
		RetryAfter: c.retryAfter(response.Header),
	}
}
