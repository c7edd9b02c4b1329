package remote

import (
	"net/http"
	"testing"
)

// Smoke checks that the stage answers and that it refuses strangers. It writes nothing.
func Smoke(t *testing.T, s *Target) {
	t.Run("health", s.isHealthy)
	t.Run("CORS", s.answersBrowsers)
	t.Run("signed out", s.refusesSignedOut)
}

func (s *Target) isHealthy(t *testing.T) {
	healthy := s.Call(t, "GET", "/health", "", nil)
	healthy.Is(t, http.StatusOK, "", "")
	nowhere := s.Send(t, "GET", "/no/such/route", "", nil)
	if detail, _ := nowhere.Body["error"].(map[string]any); nowhere.Status != http.StatusNotFound || detail["code"] != "NOT_FOUND" {
		t.Errorf("an unknown route answered %d %s", nowhere.Status, nowhere.Text)
	}
	for name, header := range map[string]http.Header{"/health": healthy.Header, "an unknown route": nowhere.Header} {
		for _, wanted := range []string{"Strict-Transport-Security", "X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "X-Frame-Options"} {
			if header.Get(wanted) == "" {
				t.Errorf("%s answers without %s", name, wanted)
			}
		}
		if got := header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s may be kept: Cache-Control is %q", name, got)
		}
	}
}

// answersBrowsers asks for each allowed origin and for a stranger's.
func (s *Target) answersBrowsers(t *testing.T) {
	for _, origin := range append([]string{"https://evil.example"}, s.Config.API.AllowedOrigins...) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Origin", origin)
		got := s.Do(t, request).Header.Get("Access-Control-Allow-Origin")
		if allowed := origin != "https://evil.example"; allowed && got != origin || !allowed && got != "" {
			t.Errorf("to a page of %s, the allowed origin is %q", origin, got)
		}
	}
}

// refusesSignedOut calls every operation that needs an access token without one.
func (s *Target) refusesSignedOut(t *testing.T) {
	for _, operation := range s.Contract.Operations() {
		if operation.Public || !operation.Implemented() {
			continue
		}
		for name, token := range map[string]string{"no token": "", "no JWT": "garbage"} {
			if got := s.Call(t, operation.Method(), operation.Example(), token, nil); got.Status != http.StatusUnauthorized {
				t.Errorf("%s with %s answered %d %s", operation.Key, name, got.Status, got.Text)
			}
		}
	}
}
