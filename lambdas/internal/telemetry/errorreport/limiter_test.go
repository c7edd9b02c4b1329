package errorreport_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/telemetry/errorreport"
)

func TestLimiter_Storm_AdmitsOneOfAKindAMinute(t *testing.T) {
	var limiter errorreport.Limiter
	now, admitted, unreported := time.Unix(1_800_000_000, 0), 0, 0
	for range 3 * 60_000 { // three minutes of a thousand failures a second
		left, is := limiter.Admit([]string{"GET /goals", "INTERNAL_ERROR"}, now)
		if is {
			admitted++
		}
		unreported += left
		now = now.Add(time.Millisecond)
	}
	if admitted != 3 || unreported != 2*59_999 {
		t.Errorf("admitted %d, and said that %d were not", admitted, unreported)
	}
}

func TestLimiter_ManyKinds_AdmitsTenAMinute(t *testing.T) {
	var limiter errorreport.Limiter
	now, admitted := time.Unix(1_800_000_000, 0), 0
	for i := range 1000 {
		if _, is := limiter.Admit([]string{strconv.Itoa(i)}, now); is {
			admitted++
		}
	}
	if admitted != 10 {
		t.Errorf("admitted %d", admitted)
	}
	if left, is := limiter.Admit([]string{"0"}, now.Add(time.Minute)); !is || left != 990 {
		t.Errorf("a minute later: %v, %d before it", is, left)
	}
}
