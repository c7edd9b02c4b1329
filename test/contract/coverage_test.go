package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

// about returns the messages about one operation.
func about(all []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(said string) bool { return !strings.HasPrefix(said, key+" never ") })
}

func TestUncheckedResponses_NamesMissingResponses(t *testing.T) {
	document := load(t)
	answer := func(status int, body string) {
		t.Helper()
		header := http.Header{"Content-Type": {"application/json"}}
		if err := document.CheckResponse(t.Context(), "PUT", "/profile", status, header, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	const key = "PUT /profile"
	want := []string{key + " never returned 401", key + " never returned 422", key + " never succeeded"}
	if got := about(document.UncheckedResponses(nil), key); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	answer(http.StatusUnprocessableEntity, `{"message":"m"}`)
	answer(http.StatusOK, `{}`)
	if got := about(document.UncheckedResponses(nil), key); !slices.Equal(got, want[:1]) {
		t.Errorf("got %q", got)
	}
	excused := contract.Exceptions{"401 PUT /profile": "a test of its own", "422 PUT /profile": "stale", "404 GET /nowhere": "typo"}
	got := document.UncheckedResponses(excused)
	if len(about(got, key)) > 0 {
		t.Errorf("an exception is ignored: %q", got)
	}
	for _, idle := range []string{`the exception "422 PUT /profile" is unused`, `the exception "404 GET /nowhere" is unused`} {
		if !slices.Contains(got, idle) {
			t.Errorf("%q is missing from %q", idle, got)
		}
	}
}

func TestUncheckedResponses_UnimplementedOperation_IsLeftOut(t *testing.T) {
	document, err := contract.Load(withBuilt(t, "GET /profile\n"))
	if err != nil {
		t.Fatal(err)
	}
	missing := document.UncheckedResponses(nil)
	if len(about(missing, "GET /profile")) == 0 || len(about(missing, "GET /health")) > 0 {
		t.Errorf("got %q", missing)
	}
}
