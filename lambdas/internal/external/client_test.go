package external_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/connections"
	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
)

func TestCall_SendsRequestAndDecodesResponse(t *testing.T) {
	var seen *http.Request
	client := newClient(t, external.Service{}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		seen = r
		working(w, r)
	}))
	var got person
	err := client.Call(t.Context(), external.Call{
		Method: http.MethodPost,
		Path:   []string{"people", "a/b c"},
		Query:  url.Values{"page": {"2"}},
		Header: http.Header{"Authorization": {"Bearer key"}},
		Form:   url.Values{"name": {"Ada"}},
	}, &got)
	if err != nil || got.Name != "Ada" {
		t.Fatalf("got %+v, %v", got, err)
	}
	for what, pair := range map[string][2]string{
		"path":          {seen.URL.EscapedPath(), "/people/a%2Fb%20c"},
		"query":         {seen.URL.RawQuery, "page=2"},
		"method":        {seen.Method, "POST"},
		"authorization": {seen.Header.Get("Authorization"), "Bearer key"},
		"form":          {seen.PostForm.Encode(), "name=Ada"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
}

func TestCall_IDWithPathCharacters_IsEscaped(t *testing.T) {
	faults := &fakes.Faults{}
	client := newClient(t, external.Service{}, faults.Wrap(working))
	for _, id := range []string{"", ".", ".."} {
		if err := client.Call(t.Context(), external.Call{Path: []string{"people", id, "x"}}, nil); err == nil {
			t.Errorf("the segment %q was accepted", id)
		}
	}
	if faults.Requests() != 0 {
		t.Errorf("%d requests were sent", faults.Requests())
	}
}

func TestDo_OtherHost_IsRefused(t *testing.T) {
	client := newClient(t, external.Service{}, working)
	for _, address := range []string{"http://169.254.169.254/latest", "https://people.example/"} {
		req, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Do(req); err == nil || !strings.Contains(err.Error(), "another host") {
			t.Errorf("%s: got %v", address, err)
		}
	}
}

func TestNew_BaseURL_MustBeHTTPSOrLoopback(t *testing.T) {
	for address, good := range map[string]bool{
		"https://people.example/v1":      true,
		"http://127.0.0.1:8080/v1":       true,
		"http://[::1]:8080":              true,
		"http://people.example":          false,
		"http://169.254.169.254":         false,
		"https://user:pw@people.example": false,
		"https://people.example?x=1":     false,
		"ftp://127.0.0.1":                false,
		"/v1":                            false,
		"":                               false,
		"https://%zz":                    false,
	} {
		_, err := external.New(external.Service{Name: "people", BaseURL: address})
		if (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
	if _, err := external.New(external.Service{BaseURL: "https://people.example"}); err == nil {
		t.Error("a service without a name was accepted")
	}
}

func TestClient_TLS11_IsRefused(t *testing.T) {
	for version, good := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		server := httptest.NewUnstartedServer(working)
		server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: version}
		server.StartTLS()
		t.Cleanup(server.Close)
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		client := mustNew(t, external.Service{BaseURL: server.URL}, func(next http.RoundTripper) http.RoundTripper {
			trusting := next.(*http.Transport).Clone()
			if reflect.ValueOf(trusting.DialTLSContext).Pointer() != reflect.ValueOf(connections.DialTLS).Pointer() {
				t.Error("the transport dials by itself")
			}
			trusting.DialTLSContext = (&connections.Dialer{Roots: roots}).DialTLS
			t.Cleanup(trusting.CloseIdleConnections)
			return trusting
		})
		if err := get(client); (err == nil) != good {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
}

func TestMiddleware_SeesEveryAttempt(t *testing.T) {
	var order []string
	named := func(name string) external.Middleware {
		return func(next http.RoundTripper) http.RoundTripper {
			return roundTrip(func(req *http.Request) (*http.Response, error) {
				order = append(order, name)
				return next.RoundTrip(req)
			})
		}
	}
	faults := &fakes.Faults{}
	faults.SetFor(1, fakes.ServerError)
	client := mustNew(t, external.Service{BaseURL: fakes.Serve(t, faults.Wrap(working))}, named("inner"), named("outer"))
	if err := get(client); err != nil {
		t.Fatal(err)
	}
	if want := []string{"outer", "inner", "outer", "inner"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
