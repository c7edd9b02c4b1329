package idtoken_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/internal/idtoken"
)

// Claims are read before the signature is checked, so any client can send these.
func TestVerify_InvalidFlag_IsPrintableError(t *testing.T) {
	p := start(t)
	for _, flag := range []any{"yes", 1, []string{}, map[string]any{}} {
		payload := claims(p.now)
		payload["email_verified"] = flag
		_, err := p.verifier.Verify(t.Context(), p.Sign(payload), []string{audience})
		if !errors.Is(err, idtoken.ErrInvalid) || strings.Contains(err.Error(), "PANIC") {
			t.Errorf("%v: got %v", flag, err)
		}
	}
}
