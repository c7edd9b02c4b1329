package edge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// DefaultTimeout is how long the edge waits for the first byte of the API's response.
// It is the default origin response timeout of a CloudFront distribution.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
const DefaultTimeout = 30 * time.Second

// Config selects the API that the edge serves.
type Config struct {
	// Engine is the engine's base URL, such as http://127.0.0.1:4566. Required.
	Engine string
	// API is the id of the HTTP API, whose $default stage is served. Required.
	API string
	// Host is the host name of the API's custom domain, sent in the Host header. An API
	// whose own endpoint is closed answers under no other name. Default: the engine's.
	Host string
	// Headers are added to every request and replace the client's headers of the same
	// names, like the origin custom headers of a distribution. Default: none.
	Headers map[string]string
	// Distribution is what the edge does besides: its web ACL, functions and response
	// headers. Default: nothing.
	Distribution *Distribution
	// Timeout is how long to wait for the API's response. Default: DefaultTimeout.
	Timeout time.Duration
}

var apiID = regexp.MustCompile(`^[a-z0-9]+$`)

// New returns the edge's handler.
func New(c Config) (http.Handler, error) {
	engine, err := url.Parse(c.Engine)
	if err != nil || engine.Scheme != "http" || engine.Host == "" {
		return nil, fmt.Errorf("engine address %q is not like http://127.0.0.1:4566", c.Engine)
	}
	if !apiID.MatchString(c.API) {
		return nil, fmt.Errorf("API id %q is not one: lower-case letters and digits are expected", c.API)
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // the engine is on this machine
	transport.DisableCompression = true
	transport.MaxIdleConnsPerHost = 64 // a load test must not run out of ports
	transport.ResponseHeaderTimeout = c.Timeout
	proxy := &httputil.ReverseProxy{
		Rewrite:      c.rewrite(engine.Host),
		Transport:    transport,
		ErrorHandler: writeFailure,
	}
	if c.Distribution == nil {
		return proxy, nil
	}
	proxy.ModifyResponse = c.Distribution.onResponse
	return c.Distribution.inFrontOf(proxy), nil
}

// rewrite returns a function that sends a request to the path-based URL of the API at
// the engine. With the host-based URL, the engine itself would answer some paths, such
// as /health.
func (c Config) rewrite(engine string) func(*httputil.ProxyRequest) {
	prefix := "/_aws/execute-api/" + c.API + "/$default"
	host := cmp.Or(c.Host, engine)
	return func(r *httputil.ProxyRequest) {
		r.SetXForwarded() // ReverseProxy has removed the client's X-Forwarded headers
		if c.Distribution != nil {
			r.Out.Header.Set("X-Forwarded-For", forwardedFor(r.In.Header, r.Out.Header.Get("X-Forwarded-For")))
		}
		for name, value := range c.Headers {
			r.Out.Header.Set(name, value)
		}
		// Keep the path's spelling, so that "//" and "%2F" reach the API.
		escaped := r.In.URL.EscapedPath()
		if !strings.HasPrefix(escaped, "/") {
			escaped = "/" + escaped
		}
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", engine, host
		if c.Distribution != nil && c.Distribution.forwardsHost {
			r.Out.Host = r.In.Host // of the client, or as the function set it
		}
		r.Out.URL.Path = prefix + r.In.URL.Path
		r.Out.URL.RawPath = prefix + escaped
		r.Out.URL.RawQuery = r.In.URL.RawQuery
	}
}

// OriginAddress is the address that the API sees when a distribution is in front of it:
// one of CloudFront's, never the client's. It is an address for documentation.
const OriginAddress = "192.0.2.1"

// forwardedFor returns X-Forwarded-For as the API gets it behind CloudFront. CloudFront
// appends its viewer to what the client sent, and the API appends the address of the
// connection.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
func forwardedFor(sent http.Header, viewer string) string {
	return strings.Join(append(sent.Values("X-Forwarded-For"), viewer, OriginAddress), ", ")
}

type failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func writeFailure(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // the client closed the connection
	}
	slog.Error("the API did not answer", "method", r.Method, "path", r.URL.Path, "error", err)
	status, body := http.StatusBadGateway, failure{}
	body.Error.Code, body.Error.Message = "BAD_GATEWAY", "The local engine does not answer. Is the stage up? Run make up."
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		status = http.StatusGatewayTimeout
		body.Error.Code, body.Error.Message = "GATEWAY_TIMEOUT", "The API did not answer in time."
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Error("answer the client", "error", err)
	}
}
