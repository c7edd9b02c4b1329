package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/expenzez/infrastructure/local/webacl"
)

// Distribution is what a CloudFront distribution does to requests before they reach the
// API, and to responses: its web ACL, its functions and its response headers policy.
type Distribution struct {
	acl *webacl.ACL
	// forwardsHost says that the origin request policy forwards the client's Host, and
	// addsCountry that it adds the client's country.
	forwardsHost, addsCountry bool

	request   *function // viewer request
	response  *function // viewer response
	overrides http.Header
	defaults  http.Header // only set when the API's response has none
}

// reference is the intrinsic function that refers to another resource.
type reference struct {
	GetAtt []string `json:"Fn::GetAtt"`
	Ref    string
}

// id returns the logical id of the resource.
func (r reference) id() string {
	if len(r.GetAtt) > 0 {
		return r.GetAtt[0]
	}
	return r.Ref
}

// distributionConfig has the properties of a distribution that this package reads.
type distributionConfig struct {
	DistributionConfig struct {
		WebACLId             json.RawMessage
		DefaultCacheBehavior struct {
			ResponseHeadersPolicyId json.RawMessage
			OriginRequestPolicyId   json.RawMessage
			FunctionAssociations    []struct {
				EventType   string
				FunctionARN reference
			}
		}
	}
}

// ReadDistribution reads a distribution from a CloudFormation template in JSON. A
// function or policy that is not in the template is an error, and so is a rule that
// package webacl cannot evaluate. A web ACL that is given by its ARN is not in the
// template: the edge then has no web ACL, and logs a warning.
func ReadDistribution(template []byte, logicalID string, o webacl.Options) (*Distribution, error) {
	var parsed struct {
		Resources map[string]struct {
			Type       string
			Properties json.RawMessage
		}
	}
	if err := json.Unmarshal(template, &parsed); err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	// properties decodes the properties of the resource that raw refers to.
	properties := func(raw json.RawMessage, kind string, target any) (id string, err error) {
		var r reference
		if err := json.Unmarshal(raw, &r); err != nil || parsed.Resources[r.id()].Type != kind {
			return "", fmt.Errorf("distribution %s: %s is no %s of the template", logicalID, raw, kind)
		}
		return r.id(), json.Unmarshal(parsed.Resources[r.id()].Properties, target)
	}

	var config distributionConfig
	if _, err := properties(json.RawMessage(`{"Ref":`+strconv.Quote(logicalID)+`}`), "AWS::CloudFront::Distribution", &config); err != nil {
		return nil, err
	}
	d := &Distribution{overrides: http.Header{}, defaults: http.Header{}}
	if raw := config.DistributionConfig.WebACLId; len(raw) > 0 && raw[0] == '"' {
		slog.Warn("the web ACL is not evaluated, because the template has only its ARN", "arn", string(raw))
	} else if raw != nil {
		id, err := properties(raw, "AWS::WAFv2::WebACL", new(struct{}))
		if err != nil {
			return nil, err
		}
		if d.acl, err = webacl.New(template, id, o); err != nil {
			return nil, err
		}
	}
	behavior := config.DistributionConfig.DefaultCacheBehavior
	for _, association := range behavior.FunctionAssociations {
		var source struct{ FunctionCode string }
		raw, err := json.Marshal(map[string]string{"Ref": association.FunctionARN.id()})
		if err != nil {
			return nil, err
		}
		if _, err := properties(raw, "AWS::CloudFront::Function", &source); err != nil {
			return nil, err
		}
		f, err := newFunction(source.FunctionCode)
		if err != nil {
			return nil, fmt.Errorf("distribution %s: the function of %s: %w", logicalID, association.EventType, err)
		}
		switch association.EventType {
		case viewerRequest:
			d.request = f
		case viewerResponse:
			d.response = f
		default:
			return nil, fmt.Errorf("distribution %s: unknown event %q", logicalID, association.EventType)
		}
	}
	if raw := behavior.OriginRequestPolicyId; len(raw) > 0 && raw[0] == '{' { // a policy of AWS is a text
		var policy originRequestPolicy
		if _, err := properties(raw, "AWS::CloudFront::OriginRequestPolicy", &policy); err != nil {
			return nil, err
		}
		if err := d.addOriginRequests(policy); err != nil {
			return nil, fmt.Errorf("distribution %s: %w", logicalID, err)
		}
	}
	if raw := behavior.ResponseHeadersPolicyId; raw != nil {
		var policy responseHeadersPolicy
		if _, err := properties(raw, "AWS::CloudFront::ResponseHeadersPolicy", &policy); err != nil {
			return nil, err
		}
		d.addPolicy(policy)
	}
	return d, nil
}

// Names of CloudFront's events.
const (
	viewerRequest  = "viewer-request"
	viewerResponse = "viewer-response"
)

// responseHeadersPolicy has the properties of a response headers policy. The edge of
// this project has no CORS in it: the API and a function answer CORS.
type responseHeadersPolicy struct {
	ResponseHeadersPolicyConfig struct {
		CustomHeadersConfig struct {
			Items []struct {
				Header, Value string
				Override      bool
			}
		}
		SecurityHeadersConfig struct {
			StrictTransportSecurity *struct {
				AccessControlMaxAgeSec               int
				IncludeSubdomains, Preload, Override bool
			}
			ContentTypeOptions *struct{ Override bool }
			FrameOptions       *struct {
				FrameOption string
				Override    bool
			}
			ReferrerPolicy *struct {
				ReferrerPolicy string
				Override       bool
			}
			ContentSecurityPolicy *struct {
				ContentSecurityPolicy string
				Override              bool
			}
		}
	}
}

// originRequestPolicy has the properties of an origin request policy that this package
// reads.
type originRequestPolicy struct {
	OriginRequestPolicyConfig struct {
		HeadersConfig struct {
			HeaderBehavior string
			Headers        []string
		}
	}
}

// countryHeader is the header with the client's country.
const countryHeader = "CloudFront-Viewer-Country"

// addOriginRequests reads which headers reach the API. It returns an error for a policy
// that leaves out headers of the client or adds others than the client's country.
func (d *Distribution) addOriginRequests(p originRequestPolicy) error {
	headers := p.OriginRequestPolicyConfig.HeadersConfig
	if headers.HeaderBehavior != "allViewerAndWhitelistCloudFront" || !slices.Equal(headers.Headers, []string{countryHeader}) {
		return fmt.Errorf("the origin request policy sends the headers %s %q: only all of the client and its country can be sent here", headers.HeaderBehavior, headers.Headers)
	}
	d.forwardsHost, d.addsCountry = true, true
	return nil
}

// setCountry replaces what the client says is its country.
func (d *Distribution) setCountry(r *http.Request) {
	r.Header.Del(countryHeader)
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || d.acl == nil {
		return
	}
	if country := d.acl.Country(address.Addr()); country != "XX" {
		r.Header.Set(countryHeader, country)
	}
}

func (d *Distribution) addPolicy(p responseHeadersPolicy) {
	set := func(name, value string, override bool) {
		if override {
			d.overrides.Set(name, value)
		} else {
			d.defaults.Set(name, value)
		}
	}
	security := p.ResponseHeadersPolicyConfig.SecurityHeadersConfig
	if hsts := security.StrictTransportSecurity; hsts != nil {
		value := fmt.Sprintf("max-age=%d", hsts.AccessControlMaxAgeSec)
		if hsts.IncludeSubdomains {
			value += "; includeSubDomains"
		}
		if hsts.Preload {
			value += "; preload"
		}
		set("Strict-Transport-Security", value, hsts.Override)
	}
	if s := security.ContentTypeOptions; s != nil {
		set("X-Content-Type-Options", "nosniff", s.Override)
	}
	if s := security.FrameOptions; s != nil {
		set("X-Frame-Options", s.FrameOption, s.Override)
	}
	if s := security.ReferrerPolicy; s != nil {
		set("Referrer-Policy", s.ReferrerPolicy, s.Override)
	}
	if s := security.ContentSecurityPolicy; s != nil {
		set("Content-Security-Policy", s.ContentSecurityPolicy, s.Override)
	}
	for _, item := range p.ResponseHeadersPolicyConfig.CustomHeadersConfig.Items {
		set(item.Header, item.Value, item.Override)
	}
}

// addHeaders adds the headers of the response headers policy.
func (d *Distribution) addHeaders(h http.Header) {
	for name, values := range d.overrides {
		h[name] = values
	}
	for name, values := range d.defaults {
		if h.Get(name) == "" {
			h[name] = values
		}
	}
}

// inFrontOf returns a handler that refuses and answers requests as the distribution
// does, and passes the others on.
func (d *Distribution) inFrontOf(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.acl != nil && d.refused(w, r) {
			return
		}
		if d.addsCountry {
			d.setCountry(r)
		}
		if d.request != nil {
			answer, err := d.request.onRequest(r)
			if err != nil {
				slog.Error("the function of viewer requests failed", "error", err)
				w.WriteHeader(http.StatusServiceUnavailable) // as CloudFront does
				return
			}
			if answer != nil {
				d.addHeaders(answer.header)
				answer.write(w)
				return
			}
		}
		api.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), viewerKey{}, r)))
	})
}

// viewerKey is the context's key of the client's request. The request that a response
// belongs to is the one to the engine.
type viewerKey struct{}

// refused evaluates the web ACL. It reports whether the request was refused and
// answered. AWS does not document that CloudFront adds a response headers policy to
// these responses, so they have the headers of the web ACL only.
func (d *Distribution) refused(w http.ResponseWriter, r *http.Request) bool {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		slog.Error("the client's address is unknown", "address", r.RemoteAddr, "error", err)
		w.WriteHeader(http.StatusBadRequest)
		return true
	}
	start, err := io.ReadAll(io.LimitReader(r.Body, int64(d.acl.BodyLimit())+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away
	}
	header := r.Header.Clone()
	header.Set("Host", r.Host)
	path, query, _ := strings.Cut(r.RequestURI, "?")
	decision := d.acl.Evaluate(&webacl.Request{
		Address: address.Addr(), Method: r.Method, Path: path, Query: query, Header: header, Body: start,
	})
	if decision.Block || len(decision.Counted) > 0 {
		slog.Info("web ACL", "blocked", decision.Block, "rule", decision.Rule, "counted", decision.Counted, "method", r.Method, "path", path)
	}
	if decision.Block {
		for name, values := range decision.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(decision.Status)
		if _, err := io.WriteString(w, decision.Body); err != nil {
			slog.Error("answer the client", "error", err)
		}
		return true
	}
	for name, values := range decision.InsertedHeaders {
		r.Header[name] = values
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), r.Body), r.Body}
	return false
}

// onResponse changes a response of the API as the distribution does. CloudFront runs no
// function on responses of 400 and above.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
func (d *Distribution) onResponse(r *http.Response) error {
	if d.response != nil && r.StatusCode < 400 {
		viewer, _ := r.Request.Context().Value(viewerKey{}).(*http.Request)
		if err := d.response.onResponse(viewer, r); err != nil {
			return fmt.Errorf("the function of viewer responses failed: %w", err)
		}
	}
	d.addHeaders(r.Header)
	return nil
}
