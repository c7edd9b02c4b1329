package attempts

import (
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

var policies = []Policy{SignIn, SignInIP, Code, ResetCode, CodeIP, PIN, OtherPINs, PINIP}

func TestPolicy_WaitDoublesUpToMaxDelay(t *testing.T) {
	for failures, want := range []time.Duration{
		0, 0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 16 * time.Minute,
	} {
		if got := SignIn.delay(failures); got != want {
			t.Errorf("after %d failures the wait is %s, not %s", failures, got, want)
		}
	}
	for _, p := range policies {
		if got := p.delay(1 << 40); got != p.MaxDelay {
			t.Errorf("%s: after very many failures the wait is %s", p.Name, got)
		}
	}
}

// attacker guesses under one policy and moves the clock.
type attacker struct {
	policy Policy
	count  tables.LoginAttempt
	now    time.Time
}

var start = time.UnixMilli(1_800_000_000_000)

// guess waits as long as it must, and fails.
func (a *attacker) guess() {
	a.now = a.now.Add(a.wait())
	a.count = a.policy.withFailure(a.policy.current(a.count, a.now), a.now)
}

func (a *attacker) wait() time.Duration {
	return a.policy.wait(a.policy.current(a.count, a.now), a.now)
}

// docs/attempts.md says these numbers.
func TestPolicy_PatientAttacker_HasFewGuessesADay(t *testing.T) {
	for _, try := range []struct {
		policy      Policy
		first, more int
	}{{SignIn, 99, 90}, {SignInIP, 300, 288}, {Code, 99, 90}, {ResetCode, 26, 24}, {CodeIP, 200, 200}, {PIN, 34, 24}, {OtherPINs, 34, 24}, {PINIP, 330, 288}} {
		a := &attacker{policy: try.policy, now: start}
		guesses := [2]int{}
		for {
			a.guess()
			if a.now.Sub(start) >= 2*day {
				break
			}
			guesses[int(a.now.Sub(start)/day)]++
		}
		if guesses[0] != try.first || guesses[1] != try.more {
			t.Errorf("%s lets %v through in two days, not %d and %d", try.policy.Name, guesses, try.first, try.more)
		}
	}
}

// Attackers who pause until an address is forgotten have the free failures again.
func TestPolicy_BurstsAndPauses_StayWithinDailyLimit(t *testing.T) {
	for _, policy := range []Policy{SignInIP, CodeIP, PINIP} {
		a := &attacker{policy: policy, now: start}
		guesses := 0
		for a.now.Sub(start) < day {
			for a.wait() == 0 && a.now.Sub(start) < day {
				a.guess()
				guesses++
			}
			a.now = a.now.Add(policy.ResetAfter)
		}
		if guesses > policy.Daily {
			t.Errorf("%s lets %d through in a day, over its limit of %d", policy.Name, guesses, policy.Daily)
		}
	}
}

// docs/attempts.md says these numbers, too: Cognito locks a user out by itself.
func TestSignIn_SteadyGuesses_LeaveCognitoUnlocked(t *testing.T) {
	const quiet = 15 * time.Minute // without attempts, after which Cognito forgets
	a := &attacker{policy: SignIn, now: start}
	failures, longest, last := 0, time.Duration(0), start
	for a.now.Sub(start) < 2*day {
		a.guess()
		if a.now.Sub(last) > quiet {
			failures = 0
		}
		last = a.now
		if failures++; failures >= 5 {
			longest = max(longest, time.Second<<(failures-5))
		}
	}
	if longest != 32*time.Second {
		t.Errorf("strangers who guess keep the owner out of Cognito for %s", longest)
	}
}

// Cognito looks at so many codes of a user in an hour, at the least.
func TestCodes_SteadyGuesses_LeaveTheOwnerSomeOfCognitosQuota(t *testing.T) {
	for _, tc := range []struct {
		policy Policy
		quota  int
	}{{ResetCode, 5}, {Code, 15}} {
		a := &attacker{policy: tc.policy, now: start}
		var hour []time.Time
		for a.now.Sub(start) < day {
			a.guess()
			hour = append(hour, a.now)
			hour = slices.DeleteFunc(hour, func(at time.Time) bool { return a.now.Sub(at) >= time.Hour })
			if len(hour) > tc.quota-2 {
				t.Fatalf("%s lets strangers spend %d of %d in an hour", tc.policy.Name, len(hour), tc.quota)
			}
		}
	}
}

// holder is an origin that tries to keep accounts locked.
type holder struct {
	origin   *attacker
	accounts []*attacker
	locked   time.Duration // the sum over all accounts
}

// An origin can hold few accounts at a time.
func TestSignInAddress_OneOrigin_HoldsFewAccountsLocked(t *testing.T) {
	h := &holder{origin: &attacker{policy: SignInIP, now: start}}
	for range 50 {
		h.accounts = append(h.accounts, &attacker{policy: SignIn, now: start})
	}
	for h.origin.now.Sub(start) < day {
		victim := h.next()
		before := victim.count.Failures
		h.origin.guess()
		victim.now = h.origin.now
		victim.guess()
		if victim.count.Failures > before {
			h.locked += victim.policy.delay(victim.count.Failures)
		}
	}
	if held := float64(h.locked) / float64(day); held < 1 || held > 4 {
		t.Errorf("one origin keeps %.1f accounts locked all day", held)
	}
}

// next returns the account with most failures whose wait is over when the origin's
// is, because each further failure there locks for longest.
func (h *holder) next() *attacker {
	at := h.origin.now.Add(h.origin.wait())
	var best *attacker
	for _, account := range h.accounts {
		account.now = at
		if account.wait() == 0 && (best == nil || account.count.Failures > best.count.Failures) {
			best = account
		}
	}
	return best
}

func TestPolicy_FailuresCountUntilResetAfter(t *testing.T) {
	last := time.UnixMilli(1_800_000_000_000)
	count := tables.LoginAttempt{ID: "x", Version: "v", Failures: 7, LastAt: last.UnixMilli()}
	if got := SignIn.current(count, last.Add(SignIn.ResetAfter-time.Millisecond)); got != count {
		t.Errorf("a moment before, there is %+v", got)
	}
	if got := SignIn.current(count, last.Add(SignIn.ResetAfter)); got.Failures != 0 || got.LastAt != 0 || got.Version != "v" {
		t.Errorf("then, there is %+v", got)
	}
}

func TestPolicy_ExpiryIsAfterReset(t *testing.T) {
	for _, at := range []int64{1_800_000_000_000, 1_800_000_000_001, 1_800_000_000_999} {
		forgotten := time.UnixMilli(at).Add(SignIn.ResetAfter)
		if got := time.Unix(SignIn.expiry(tables.LoginAttempt{LastAt: at}), 0); got.Before(forgotten) || got.After(forgotten.Add(time.Second)) {
			t.Errorf("forgotten at %s, deleted at %s", forgotten, got)
		}
	}
}

func TestPolicies_AreValidWithDistinctNames(t *testing.T) {
	names := map[string]bool{}
	for _, p := range policies {
		if err := p.Of("who").validate(); err != nil || names[p.Name] {
			t.Errorf("%s: %v", p.Name, err)
		}
		names[p.Name] = true
	}
}

func TestCount_InvalidPolicy_IsRefused(t *testing.T) {
	for name, change := range map[string]func(*AttemptKey){
		"no name":                   func(s *AttemptKey) { s.policy.Name = "" },
		"nobody":                    func(s *AttemptKey) { s.pseudonym = "" },
		"nothing free":              func(s *AttemptKey) { s.policy.FreeFailures = 0 },
		"no delay":                  func(s *AttemptKey) { s.policy.FirstDelay = 0 },
		"a longest below the first": func(s *AttemptKey) { s.policy.MaxDelay = time.Second },
		"a day of successes":        func(s *AttemptKey) { s.policy.Daily = 10 },
		"forgotten during the wait": func(s *AttemptKey) { s.policy.ResetAfter = s.policy.MaxDelay },
	} {
		subject := SignIn.Of("who")
		change(&subject)
		if subject.validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPolicy_DailyLimitReached_WaitsForDayToEnd(t *testing.T) {
	count := tables.LoginAttempt{Failures: 1, LastAt: start.Add(5 * time.Hour).UnixMilli(), DayFailures: SignInIP.Daily, DayBegan: start.UnixMilli()}
	now := start.Add(10 * time.Hour)
	if wait := SignInIP.wait(SignInIP.current(count, now), now); wait != 14*time.Hour {
		t.Errorf("the wait is %s", wait)
	}
	now = start.Add(day)
	if wait := SignInIP.wait(SignInIP.current(count, now), now); wait != 0 {
		t.Errorf("after the day, the wait is %s", wait)
	}
	if got, want := SignInIP.expiry(count), start.Add(day+time.Second).Unix(); got != want {
		t.Errorf("the count is deleted at %d, not %d", got, want)
	}
}
