package auth

import (
	"strings"
	"testing"
)

func TestStorable_NameThatAnAccountCannotHold_IsLeftOut(t *testing.T) {
	for name, want := range map[string]string{" Ada ": "Ada", "A\u202eda": "", "<b>": "", strings.Repeat("a", 101): ""} {
		if got := storable("given_name", name); got != want {
			t.Errorf("%q: got %q", name, got)
		}
	}
}
