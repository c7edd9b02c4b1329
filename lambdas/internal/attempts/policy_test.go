package attempts

import (
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

var policies = []Policy{SignIn, SignInAddress, Code, PIN, OtherPINs}

func TestTheWaitDoublesFromTheFirstDelayToTheLongest(t *testing.T) {
	for failures, want := range []time.Duration{
		0, 0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute,
	} {
		if got := SignIn.delay(failures); got != want {
			t.Errorf("after %d failures the wait is %s, not %s", failures, got, want)
		}
	}
	for _, p := range policies {
		if got := p.delay(1 << 40); got != p.LongestDelay {
			t.Errorf("%s: after very many failures the wait is %s", p.Name, got)
		}
	}
}

// docs/attempts.md says these numbers.
func TestTheGuessesOfADayAreFew(t *testing.T) {
	for _, try := range []struct {
		policy      Policy
		first, more int
	}{{SignIn, 104, 96}, {SignInAddress, 310, 288}, {Code, 104, 96}, {PIN, 34, 24}, {OtherPINs, 34, 24}} {
		var count tables.LoginAttempt
		start := time.UnixMilli(1_800_000_000_000)
		guesses := [2]int{}
		for now := start; now.Before(start.Add(48 * time.Hour)); {
			if wait := try.policy.wait(try.policy.remembered(count, now), now); wait > 0 {
				now = now.Add(wait)
				continue
			}
			count.Failures, count.LastAt = count.Failures+1, now.UnixMilli()
			guesses[int(now.Sub(start)/(24*time.Hour))]++
		}
		if guesses[0] != try.first || guesses[1] != try.more {
			t.Errorf("%s lets %v through in two days, not %d and %d", try.policy.Name, guesses, try.first, try.more)
		}
	}
}

func TestFailuresAreRememberedUntilTheyAreForgotten(t *testing.T) {
	last := time.UnixMilli(1_800_000_000_000)
	count := tables.LoginAttempt{ID: "x", Version: "v", Failures: 7, LastAt: last.UnixMilli()}
	if got := SignIn.remembered(count, last.Add(SignIn.Forget-time.Millisecond)); got != count {
		t.Errorf("a moment before, there is %+v", got)
	}
	if got := SignIn.remembered(count, last.Add(SignIn.Forget)); got.Failures != 0 || got.LastAt != 0 || got.Version != "v" {
		t.Errorf("then, there is %+v", got)
	}
}

func TestACountIsNotDeletedBeforeItIsForgotten(t *testing.T) {
	for _, at := range []int64{1_800_000_000_000, 1_800_000_000_001, 1_800_000_000_999} {
		forgotten := time.UnixMilli(at).Add(SignIn.Forget)
		if got := time.Unix(SignIn.expiry(at), 0); got.Before(forgotten) || got.After(forgotten.Add(time.Second)) {
			t.Errorf("forgotten at %s, deleted at %s", forgotten, got)
		}
	}
}

func TestEveryPolicyIsValidAndHasItsOwnName(t *testing.T) {
	names := map[string]bool{}
	for _, p := range policies {
		if err := p.Of("who").validate(); err != nil || names[p.Name] {
			t.Errorf("%s: %v", p.Name, err)
		}
		names[p.Name] = true
	}
}

func TestAPolicyThatWouldNotHoldIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Subject){
		"no name":                   func(s *Subject) { s.policy.Name = "" },
		"nobody":                    func(s *Subject) { s.who = "" },
		"nothing free":              func(s *Subject) { s.policy.Free = 0 },
		"no delay":                  func(s *Subject) { s.policy.FirstDelay = 0 },
		"a longest below the first": func(s *Subject) { s.policy.LongestDelay = time.Second },
		"forgotten during the wait": func(s *Subject) { s.policy.Forget = s.policy.LongestDelay },
	} {
		subject := SignIn.Of("who")
		change(&subject)
		if subject.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
