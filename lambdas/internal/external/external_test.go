package external_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/external"
	"github.com/expenzez/infrastructure/test/fakes"
)

// working answers every request as the service under test should.
var working = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fakes.WriteJSON(w, http.StatusOK, map[string]string{"name": "Ada"})
})

type person struct {
	Name string `json:"name"`
}

// newClient returns a client with closed breakers for a service on loopback.
func newClient(t *testing.T, service external.Service, handler http.Handler) *external.Client {
	t.Helper()
	service.BaseURL = fakes.Serve(t, handler)
	return mustNew(t, service)
}

// newClientInMemory returns a client whose requests reach the handler without a
// network, so that it can be used with the clock of testing/synctest.
func newClientInMemory(t *testing.T, service external.Service, handler http.Handler) *external.Client {
	t.Helper()
	service.BaseURL = "https://service.example"
	return mustNew(t, service, func(http.RoundTripper) http.RoundTripper { return inMemory{handler} })
}

func mustNew(t *testing.T, service external.Service, middleware ...external.Middleware) *external.Client {
	t.Helper()
	external.ResetBreakers()
	t.Cleanup(external.ResetBreakers)
	if service.Name == "" {
		service.Name = "people"
	}
	client, err := external.New(service, middleware...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// inMemory is a transport that calls a handler.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(req *http.Request) (*http.Response, error) {
	recorded := httptest.NewRecorder()
	if req.Body == nil {
		req.Body = http.NoBody
	}
	m.handler.ServeHTTP(recorded, req)
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	response := recorded.Result()
	response.Request = req
	return response, nil
}

func get(client *external.Client) error {
	var got person
	return client.Call(context.Background(), external.Call{Path: []string{"people", "1"}}, &got)
}

func post(ctx context.Context, client *external.Client) error {
	var got person
	return client.Call(ctx, external.Call{
		Method: http.MethodPost, Path: []string{"people"}, Form: url.Values{"name": {"Ada"}},
	}, &got)
}

func within(t *testing.T, limit time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}
