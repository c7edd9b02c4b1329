package attempts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/attempts"
)

func TestLockedError_Is429WithRetryAfter(t *testing.T) {
	for wait, words := range map[time.Duration]string{
		time.Millisecond:         "in 1 second.",
		30 * time.Second:         "in 30 seconds.",
		29001 * time.Millisecond: "in 30 seconds.",
		90 * time.Second:         "in 90 seconds.",
		91 * time.Second:         "in 2 minutes.",
		15 * time.Minute:         "in 15 minutes.",
		time.Hour:                "in 60 minutes.",
	} {
		got := apierror.From(fmt.Errorf("sign in: %w", &attempts.LockedError{Policy: "sign-in", RetryAfter: wait}))
		if got.Status != 429 || got.Code != "TOO_MANY_ATTEMPTS" || got.RetryAfter != wait || !strings.HasSuffix(got.Message, words) {
			t.Errorf("%s: got %+v", wait, got)
		}
		// What the app looks for in messages: "many" is how it knows this one, and
		// "verify" would send the user to the screen for codes.
		if m := strings.ToLower(got.Message); !strings.Contains(m, "many") || strings.Contains(m, "verif") || strings.Contains(m, "password") {
			t.Errorf("the app would misread %q", got.Message)
		}
	}
}
