package placeholder_test

import (
	"html"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates/placeholder"
)

func TestFill_Values_AreEscapedAndNotExpanded(t *testing.T) {
	text := placeholder.Of("A") + ", " + placeholder.Of("B") + placeholder.Of("A") + "."
	got, err := placeholder.Fill(text, map[string]string{"A": "<" + placeholder.Of("B"), "B": "b"}, html.EscapeString)
	if want := "&lt;{{ B }}, b&lt;{{ B }}."; err != nil || got != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestFill_MissingValue_IsNamed(t *testing.T) {
	for _, text := range []string{placeholder.Of("Time"), "{{ Time"} {
		if got, err := placeholder.Fill(text, nil, html.EscapeString); err == nil || !strings.Contains(err.Error(), `"Time"`) || got != "" {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}
