package revenuecat

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/expenzez/infrastructure/test/fakes"
)

// Project is the id of the fake's only project.
const Project = "proj1ab2c3d4"

// pageSize is small so that lists have a second page. RevenueCat's is 20.
const pageSize = 2

// Customer is a customer of the project.
type Customer struct {
	ID string `json:"id"`
	// Aliases are the customer's other ids.
	Aliases []string `json:"aliases"`
	// Entitlements are the active ones; ExpiresAt is in epoch milliseconds and
	// nil for access without an end.
	Entitlements []Entitlement `json:"entitlements"`
}

// Entitlement is an active entitlement of a customer.
type Entitlement struct {
	ID        string `json:"id"`
	ExpiresAt *int64 `json:"expires_at"`
}

// Fake is RevenueCat with one project. Its zero value is not usable; see New.
type Fake struct {
	fakes.Faults

	mu        sync.Mutex
	key       string
	customers []Customer
}

// New returns a RevenueCat without customers that accepts the key.
func New(key string) *Fake {
	f := &Fake{key: key}
	f.RetryAfter = "1000" // milliseconds, as RevenueCat documents it
	f.ErrorBody = func(status int) string {
		if status == http.StatusTooManyRequests {
			return `{"object":"error","type":"rate_limit_error","message":"Rate limit exceeded","retryable":true,"doc_url":"https://errors.rev.cat/rate-limit-error","backoff_ms":1000}`
		}
		return `{"object":"error","type":"server_error","message":"Internal server error","retryable":true,"doc_url":"https://errors.rev.cat/server-error","backoff_ms":1000}`
	}
	return f
}

// RotateKey makes another key the only one.
func (f *Fake) RotateKey(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key = key
}

// Put adds a customer or replaces the one with this id.
func (f *Fake) Put(customer Customer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.customers = slices.DeleteFunc(f.customers, func(c Customer) bool { return c.ID == customer.ID })
	f.customers = append(f.customers, customer)
}

// Handler returns RevenueCat's endpoints.
func (f *Fake) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/projects/{project}/customers/{customer}", f.withCustomer(func(w http.ResponseWriter, r *http.Request, c Customer) {
		fakes.WriteJSON(w, http.StatusOK, map[string]any{
			"object": "customer", "id": c.ID, "project_id": Project,
			"first_seen_at": 1658399423658, "last_seen_at": 1762448650639,
			"last_seen_app_version": "1.0.0", "last_seen_country": "GB", "last_seen_platform": "iOS",
			"last_seen_platform_version": "Version 26.1 (Build 23B82)", "experiment": nil,
			"active_entitlements": page(r.URL.Path+"/active_entitlements", "", entitlements(c)),
		})
	}))
	mux.HandleFunc("GET /v2/projects/{project}/customers/{customer}/active_entitlements", f.withCustomer(func(w http.ResponseWriter, r *http.Request, c Customer) {
		fakes.WriteJSON(w, http.StatusOK, page(r.URL.Path, r.URL.Query().Get("starting_after"), entitlements(c)))
	}))
	mux.HandleFunc("GET /v2/projects/{project}/customers/{customer}/aliases", f.withCustomer(func(w http.ResponseWriter, r *http.Request, c Customer) {
		fakes.WriteJSON(w, http.StatusOK, page(r.URL.Path, r.URL.Query().Get("starting_after"), aliases(c)))
	}))
	return f.Wrap(mux)
}

// withCustomer checks the key and finds the customer by any of their ids.
func (f *Fake) withCustomer(next func(http.ResponseWriter, *http.Request, Customer)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer "+f.key {
			refuse(w, http.StatusUnauthorized, "authentication_error", "Invalid API key")
			return
		}
		id := r.PathValue("customer")
		i := slices.IndexFunc(f.customers, func(c Customer) bool { return c.ID == id || slices.Contains(c.Aliases, id) })
		if r.PathValue("project") != Project || i < 0 {
			refuse(w, http.StatusNotFound, "resource_missing", "The requested resource was not found")
			return
		}
		next(w, r, f.customers[i])
	}
}

// item is an entry of a list with the id that pages start after.
type item struct {
	id     string
	object map[string]any
}

func entitlements(c Customer) (items []item) {
	for _, e := range c.Entitlements {
		items = append(items, item{e.ID, map[string]any{
			"object": "customer.active_entitlement", "entitlement_id": e.ID, "expires_at": e.ExpiresAt,
		}})
	}
	return items
}

func aliases(c Customer) (items []item) {
	for _, id := range append([]string{c.ID}, c.Aliases...) {
		items = append(items, item{id, map[string]any{"object": "customer.alias", "id": id, "created_at": 1658399423658}})
	}
	return items
}

// page is an object "list" with the entries after an id.
func page(path, after string, items []item) any {
	start := slices.IndexFunc(items, func(i item) bool { return i.id == after }) + 1
	end := min(start+pageSize, len(items))
	objects := []any{}
	for _, i := range items[start:end] {
		objects = append(objects, i.object)
	}
	var next any
	if end < len(items) {
		next = fmt.Sprintf("%s?starting_after=%s", path, url.QueryEscape(items[end-1].id))
	}
	return map[string]any{"object": "list", "items": objects, "next_page": next, "url": path}
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	fakes.WriteJSON(w, status, map[string]any{
		"object": "error", "type": kind, "message": message, "retryable": false,
		"doc_url": "https://errors.rev.cat/" + strings.ReplaceAll(kind, "_", "-"),
	})
}
