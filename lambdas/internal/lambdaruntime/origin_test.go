package lambdaruntime_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

const (
	originSecretARN    = "arn:aws:secretsmanager:eu-west-2:1:secret:origin"
	forwarderSecretARN = "arn:aws:secretsmanager:eu-west-2:1:secret:forwarder"
)

// edgeFixture is a function of a stage with an edge: its requests say whose they are.
type edgeFixture struct {
	handler *lambdaruntime.Handler
	served  atomic.Int64 // requests that reached the use case
	down    atomic.Bool  // Secrets Manager fails
	log     bytes.Buffer
}

// secretsByStage are the values of the two secrets: both have been rotated once.
var secretsByStage = map[string]string{
	originSecretARN + "AWSCURRENT":     `{"ORIGIN_SECRET":"new-edge","ORIGIN_HOST":"h"}`,
	originSecretARN + "AWSPREVIOUS":    `{"ORIGIN_SECRET":"old-edge","ORIGIN_HOST":"h"}`,
	forwarderSecretARN + "AWSCURRENT":  `{"FORWARDER_SECRET":"new-backend"}`,
	forwarderSecretARN + "AWSPREVIOUS": `{"FORWARDER_SECRET":"old-backend"}`,
}

func (f *edgeFixture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretId, VersionStage string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	value, has := secretsByStage[in.SecretId+in.VersionStage]
	if f.down.Load() || !has {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"SecretString": value, "VersionId": "1"})
}

func (f *edgeFixture) WhoAmI(ctx context.Context, _ function.NoInput) (function.Request, error) {
	f.served.Add(1)
	return function.RequestOf(ctx), nil
}

// newEdgeFixture makes the function with the variables, beside those that it needs.
func newEdgeFixture(t *testing.T, variables map[string]string) (*edgeFixture, error) {
	t.Helper()
	f := &edgeFixture{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	declared := function.Define(function.Spec[*edgeFixture]{
		Name: "who", Purpose: "Says whose the request is.",
		New: func(*function.Resources) (*edgeFixture, error) { return f, nil },
		Routes: []function.RouteOf[*edgeFixture]{
			function.Public("GET /who", (*edgeFixture).WhoAmI, function.Unlimited()),
			function.Public("$default", (*edgeFixture).WhoAmI, function.Unlimited()),
		},
	})
	config := aws.Config{
		Region: "eu-west-2", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
	resources := function.NewResources(config, func(name string) (string, bool) {
		if strings.HasPrefix(name, "ORIGIN_") || strings.HasPrefix(name, "FORWARDER_") {
			value, set := variables[name]
			return value, set
		}
		return name, true
	})
	handler, err := lambdaruntime.NewHandler(declared, resources, lambdaruntime.NewTelemetry(&f.log, "who", "INFO", nil))
	f.handler = handler
	return f, err
}

func mustEdgeFixture(t *testing.T, variables map[string]string) *edgeFixture {
	t.Helper()
	f, err := newEdgeFixture(t, variables)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var behindEdge = map[string]string{"ORIGIN_SECRET_ARN": originSecretARN}

// forwardedUntil are the variables of a stage behind an edge, whose other backend may
// forward until the time.
func forwardedUntil(until time.Time) map[string]string {
	return map[string]string{
		"ORIGIN_SECRET_ARN": originSecretARN, "FORWARDER_SECRET_ARN": forwarderSecretARN, "FORWARDER_UNTIL": until.Format(time.RFC3339),
	}
}

// request sends the headers over a connection from CloudFront.
func (f *edgeFixture) request(t *testing.T, key string, headers map[string]string) (int, string) {
	t.Helper()
	event := events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: "/who", Headers: headers}
	event.RequestContext.HTTP.SourceIP = "130.176.0.9"
	response, err := f.handler.Handle(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Body
}

// sourceIP returns the address that the function sees.
func (f *edgeFixture) sourceIP(t *testing.T, headers map[string]string) string {
	t.Helper()
	return f.client(t, headers).SourceIP
}

// client returns the request that the function sees.
func (f *edgeFixture) client(t *testing.T, headers map[string]string) function.Request {
	t.Helper()
	status, body := f.request(t, "GET /who", headers)
	var request function.Request
	if err := json.Unmarshal([]byte(body), &request); err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s", status, body)
	}
	return request
}

func TestHandle_WithoutOriginProof_IsRefused(t *testing.T) {
	f := mustEdgeFixture(t, behindEdge)
	for name, headers := range map[string]map[string]string{
		"no header":        nil,
		"empty":            {"x-origin-secret": ""},
		"guessed":          {"x-origin-secret": "guessed"},
		"twice":            {"x-origin-secret": "new-edge,new-edge"},
		"the other secret": {"x-origin-secret": "new-backend"},
		"an address":       {"true-client-ip": "203.0.113.7"},
	} {
		for _, key := range []string{"GET /who", "$default"} {
			if status, body := f.request(t, key, headers); status != http.StatusBadRequest || !strings.Contains(body, "REQUEST_REFUSED") {
				t.Errorf("%s at %s: got %d %s", name, key, status, body)
			}
		}
	}
	if f.served.Load() != 0 {
		t.Error("a refused request reached the use case")
	}
	if n := strings.Count(f.log.String(), `"originRefused":1`); n != 12 {
		t.Errorf("%d of 12 refusals are counted", n)
	}
	if !strings.Contains(f.log.String(), `"request refused"`) || strings.Contains(f.log.String(), "guessed") {
		t.Errorf("the log is %s", &f.log)
	}
}

func TestHandle_UnknownRouteWithoutOriginProof_IsRefused(t *testing.T) {
	f := mustEdgeFixture(t, behindEdge)
	if status, body := f.request(t, "GET /nowhere", nil); status != http.StatusBadRequest {
		t.Errorf("got %d %s", status, body)
	}
}

func TestHandle_RotatedOriginProof_IsAccepted(t *testing.T) {
	f := mustEdgeFixture(t, behindEdge)
	for _, proof := range []string{"new-edge", "old-edge"} {
		if got := f.sourceIP(t, map[string]string{"x-origin-secret": proof, "true-client-ip": "203.0.113.7"}); got != "203.0.113.7" {
			t.Errorf("%s: the address is %s", proof, got)
		}
	}
}

func TestHandle_OriginSecretUnreadable_IsUnavailable(t *testing.T) {
	f := mustEdgeFixture(t, behindEdge)
	f.down.Store(true)
	if status, body := f.request(t, "GET /who", map[string]string{"x-origin-secret": "new-edge"}); status != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", status, body)
	}
	f.down.Store(false)
	f.sourceIP(t, map[string]string{"x-origin-secret": "new-edge"})
	f.down.Store(true) // a value that is known needs no read
	f.sourceIP(t, map[string]string{"x-origin-secret": "new-edge"})
}

func TestHandle_ClientIP_ComesFromEdgeOnly(t *testing.T) {
	f := mustEdgeFixture(t, behindEdge)
	for name, c := range map[string]struct {
		headers map[string]string
		want    string
	}{
		"IPv4":        {map[string]string{"true-client-ip": "203.0.113.7"}, "203.0.113.7"},
		"IPv6":        {map[string]string{"true-client-ip": "2001:DB8:0:0::7"}, "2001:db8::7"},
		"mapped IPv4": {map[string]string{"true-client-ip": "::ffff:203.0.113.7"}, "203.0.113.7"},
		"two proxies": {map[string]string{
			"true-client-ip": "203.0.113.7", "x-forwarded-for": "198.51.100.1, 198.51.100.2, 203.0.113.7", "x-real-ip": "198.51.100.3",
		}, "203.0.113.7"},
		"forged for the forwarder": {map[string]string{
			"true-client-ip": "203.0.113.7", "x-forwarder-client-ip": "198.51.100.1", "x-forwarder-secret": "new-backend",
		}, "203.0.113.7"}, // this stage has no forwarder
		"none":        {nil, "130.176.0.9"},
		"a list":      {map[string]string{"true-client-ip": "198.51.100.1,203.0.113.7"}, "130.176.0.9"},
		"no address":  {map[string]string{"true-client-ip": "localhost"}, "130.176.0.9"},
		"with a zone": {map[string]string{"true-client-ip": "fe80::1%eth0"}, "130.176.0.9"},
	} {
		headers := map[string]string{"x-origin-secret": "new-edge"}
		for header, value := range c.headers {
			headers[header] = value
		}
		if got := f.sourceIP(t, headers); got != c.want {
			t.Errorf("%s: the address is %s, not %s", name, got, c.want)
		}
	}
	if !strings.Contains(f.log.String(), "client IP missing") {
		t.Error("the log does not say that the edge sent no address")
	}
}

func TestHandle_StageWithoutEdge_TakesConnectionsIP(t *testing.T) {
	f := mustEdgeFixture(t, nil)
	forged := map[string]string{
		"true-client-ip": "203.0.113.7", "x-forwarded-for": "203.0.113.7", "x-forwarder-client-ip": "203.0.113.7",
		"x-origin-secret": "new-edge", "x-forwarder-secret": "new-backend",
	}
	if got := f.sourceIP(t, forged); got != "130.176.0.9" {
		t.Errorf("the address is %s", got)
	}
}

func TestHandle_ForwardedRequest_NeedsBothProofsBeforeDate(t *testing.T) {
	future, past := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	const edge, backend, client = "192.0.2.55", "192.0.2.55", "203.0.113.7"
	for name, c := range map[string]struct {
		until      time.Time
		secret, ip string
		want       string
	}{
		"current proof":         {future, "new-backend", client, client},
		"previous proof":        {future, "old-backend", client, client},
		"IPv6":                  {future, "new-backend", "2001:db8::7", "2001:db8::7"},
		"expired proof":         {past, "new-backend", client, edge},
		"forged proof":          {future, "guessed", client, edge},
		"the edge's own secret": {future, "new-edge", client, edge},
		"no proof":              {future, "", client, edge},
		"no address":            {future, "new-backend", "", edge},
		"two addresses":         {future, "new-backend", "198.51.100.1, " + client, edge},
	} {
		f := mustEdgeFixture(t, forwardedUntil(c.until))
		headers := map[string]string{
			"x-origin-secret": "new-edge", "true-client-ip": backend,
			"x-forwarder-secret": c.secret, "x-forwarder-client-ip": c.ip,
		}
		if got := f.sourceIP(t, headers); got != c.want {
			t.Errorf("%s: the address is %s, not %s", name, got, c.want)
		}
		delete(headers, "x-origin-secret")
		if status, _ := f.request(t, "GET /who", headers); status != http.StatusBadRequest {
			t.Errorf("%s: the forwarder's proof passes without the edge's: %d", name, status)
		}
	}
}

func TestHandle_ForwarderSecretUnreadable_ServesAsEdgesClient(t *testing.T) {
	f := mustEdgeFixture(t, forwardedUntil(time.Now().Add(time.Hour)))
	f.sourceIP(t, map[string]string{"x-origin-secret": "new-edge"})
	f.down.Store(true)
	got := f.sourceIP(t, map[string]string{
		"x-origin-secret": "new-edge", "true-client-ip": "192.0.2.55", "x-forwarder-secret": "new-backend", "x-forwarder-client-ip": "203.0.113.7",
	})
	if got != "192.0.2.55" {
		t.Errorf("the address is %s", got)
	}
}

func TestNewHandler_InvalidOriginVariables_Fails(t *testing.T) {
	for want, variables := range map[string]map[string]string{
		"ORIGIN_SECRET_ARN is no ARN":                           {"ORIGIN_SECRET_ARN": ""},
		"FORWARDER_SECRET_ARN is set without ORIGIN_SECRET_ARN": {"FORWARDER_SECRET_ARN": forwarderSecretARN, "FORWARDER_UNTIL": "2027-01-01T00:00:00Z"},
		"FORWARDER_UNTIL is not set":                            {"ORIGIN_SECRET_ARN": originSecretARN, "FORWARDER_SECRET_ARN": forwarderSecretARN},
		"FORWARDER_UNTIL is no time":                            {"ORIGIN_SECRET_ARN": originSecretARN, "FORWARDER_SECRET_ARN": forwarderSecretARN, "FORWARDER_UNTIL": "soon"},
	} {
		if _, err := newEdgeFixture(t, variables); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
	}
}

func TestHandle_Country_ComesFromEdgeOnly(t *testing.T) {
	behind, forwarding := mustEdgeFixture(t, behindEdge), mustEdgeFixture(t, forwardedUntil(time.Now().Add(time.Hour)))
	const ip = "203.0.113.7"
	for name, c := range map[string]struct {
		fixture *edgeFixture
		headers map[string]string
		want    string
	}{
		"the edge's":    {behind, map[string]string{"cloudfront-viewer-country": "GB"}, "GB"},
		"none":          {behind, nil, ""},
		"lower case":    {behind, map[string]string{"cloudfront-viewer-country": "gb"}, ""},
		"two":           {behind, map[string]string{"cloudfront-viewer-country": "GB,FR"}, ""},
		"a name":        {behind, map[string]string{"cloudfront-viewer-country": "France"}, ""},
		"other letters": {behind, map[string]string{"cloudfront-viewer-country": "\u00c9"}, ""},
		"of a forwarder": {forwarding, map[string]string{
			"cloudfront-viewer-country": "GB", "x-forwarder-client-ip": "198.51.100.1", "x-forwarder-secret": "new-backend",
		}, ""},
		"beside a wrong forwarder": {forwarding, map[string]string{
			"cloudfront-viewer-country": "GB", "x-forwarder-client-ip": "198.51.100.1", "x-forwarder-secret": "guessed",
		}, "GB"},
	} {
		headers := map[string]string{"x-origin-secret": "new-edge", "true-client-ip": ip}
		for header, value := range c.headers {
			headers[header] = value
		}
		if got := c.fixture.client(t, headers).Country; got != c.want {
			t.Errorf("%s: the country is %q, not %q", name, got, c.want)
		}
	}
}
