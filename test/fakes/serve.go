package fakes

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Serve starts the handler on loopback until the test ends and returns its
// address, such as "http://127.0.0.1:41234".
func Serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// WriteJSON answers with the status and the value as JSON.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
