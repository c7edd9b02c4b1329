package release

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// released returns a stage whose release was committed.
func released(t *testing.T) *stage {
	t.Helper()
	s := newStage(t)
	run(t, s.command("one"), Committed)
	s.calls = 0
	return s
}

// rollback rolls back and requires that the old versions are live.
func rollback(t *testing.T, s *stage, c *Command, what string) *Release {
	t.Helper()
	back, err := c.Rollback(t.Context())
	if err != nil || !back.Rollback || back.Phase != Committed {
		t.Fatalf("%s: rolled back as %+v, %v", what, back, err)
	}
	s.is(allOld, what)
	return back
}

// Every call of a rollback is killed once, before its effect and after. The same owner
// repeats it at once or later, and another owner does.
func TestRollback_KilledAtAnyCall_EndsAllOldWhenRepeated(t *testing.T) {
	whole := released(t)
	rollback(t, whole, whole.command("operator"), "uninterrupted")
	if whole.calls < 10 {
		t.Fatalf("a rollback has only %d calls", whole.calls)
	}
	for at := 1; at <= whole.calls; at++ {
		for _, after := range []bool{false, true} {
			for name, c := range map[string]struct {
				owner string
				pause time.Duration
			}{
				"the owner at once":        {"operator", 0},
				"the owner a minute later": {"operator", time.Minute},
				"the owner an hour later":  {"operator", time.Hour},
				"another within the lease": {"other", time.Minute},
				"another after the lease":  {"other", time.Hour},
			} {
				s := released(t)
				s.killAt, s.after = at, after
				_, _ = s.command("operator").Rollback(t.Context())
				ended := s.document().Current.Rollback && s.document().Current.Done()
				s.killAt, s.now = 0, s.now.Add(c.pause)
				what := fmt.Sprintf("killed at call %d, after its effect: %t, repeated by %s", at, after, name)
				if ended && c.owner == "other" { // the killed rollback had ended; a second one is refused
					if back, err := s.command(c.owner).Rollback(t.Context()); err == nil {
						t.Errorf("%s: rolled back again as %+v", what, back)
					}
					s.is(allOld, what)
					continue
				}
				again := s.command(c.owner)
				if c.owner == "operator" {
					again.Sleep = func(context.Context, time.Duration) error { return errors.New("waited for its own lease") }
				}
				rollback(t, s, again, what)
				if d := s.document(); d.Owner != "" || d.Current.TakeBackBy != "" || len(d.Earlier) != 1 {
					t.Errorf("%s: the document is %+v", what, d)
				}
			}
		}
	}
}

// slowRollback calls meanwhile when the rollback is about to move the alias of b.
type slowRollback struct {
	*stage
	meanwhile func()
}

func (r *slowRollback) Alias(ctx context.Context, function string) (Pointer, string, error) {
	if meanwhile := r.meanwhile; function == "b" && meanwhile != nil && r.document().Current.Rollback {
		r.meanwhile = nil
		meanwhile()
	}
	return r.stage.Alias(ctx, function)
}

// A second operator asks while the rollback of the first still moves aliases, and its lease
// is renewed afterwards.
func TestRollback_SecondOperator_WaitsForTheFirst(t *testing.T) {
	s := released(t)
	first := s.command("first")
	asked := false
	first.Aliases = &slowRollback{s, func() {
		asked = true
		second := s.command("second")
		waits := errors.New("waits")
		second.Sleep = func(context.Context, time.Duration) error { return waits }
		s.now = s.document().LeaseEnds.Add(-time.Minute) // the next move renews the lease
		if _, err := second.Rollback(t.Context()); !errors.Is(err, waits) {
			t.Errorf("the second operator does not wait: %v", err)
		}
	}}
	back := rollback(t, s, first, "with a second operator")
	if !asked || back.TakeBackBy != "" {
		t.Errorf("asked: %t, the rollback is %+v", asked, back)
	}
}

// A second operator who has waited for the rollback is told of it.
func TestRollback_AfterWaitingForAnother_ReturnsThatRollback(t *testing.T) {
	s := released(t)
	s.killAt = 11
	if _, err := s.command("first").Rollback(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	s.killAt = 0
	second := s.command("second")
	var first *Release
	second.Sleep = func(context.Context, time.Duration) error {
		first = rollback(t, s, s.command("first"), "repeated by the first")
		return nil
	}
	if back := rollback(t, s, second, "after waiting"); first == nil || back.ID != first.ID || len(s.document().Earlier) != 1 {
		t.Errorf("the second operator is told of %+v", back)
	}
}

// Only another program asks to take a rollback back: while it moves aliases, or once it was
// killed.
func TestRollback_RequestToTakeItBack_IsIgnored(t *testing.T) {
	for _, killAt := range []int{0, 11} {
		s := released(t)
		request := func() {
			d := s.document()
			d.Version, d.Current.TakeBackBy = s.version, "ada"
			if err := s.Save(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		c := s.command("operator")
		if s.killAt = killAt; killAt == 0 {
			c.Aliases = &slowRollback{s, func() {
				request()
				s.now = s.document().LeaseEnds.Add(-time.Minute)
			}}
		} else if _, err := c.Rollback(t.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		} else {
			s.killAt = 0
			request()
		}
		if back := rollback(t, s, c, "after the request"); killAt == 0 && back.TakeBackBy != "" {
			t.Errorf("the rollback is %+v", back)
		}
	}
}

// next publishes the next version of functions.
func (s *stage) next(functions ...string) {
	for _, function := range functions {
		number, _ := strconv.Atoi(s.published[function])
		s.published[function] = strconv.Itoa(number + 1)
	}
}

// create deploys a new function.
func (s *stage) create(function string) {
	s.published[function], s.aliases[function] = "1", Pointer{Version: Latest}
}

// The last release is bad, which is noticed late, and the release that repairs it fails, too.
func TestRollback_AfterReleaseThatWasTakenBack_TakesBackTheLastCommitted(t *testing.T) {
	s := released(t)
	bad := s.document().Current.ID
	s.next("a", "b")
	s.failing = func() string { return "too many errors" }
	for range 2 * maxEarlier { // repairs that fail do not push the bad release out of the document
		run(t, s.command("repair"), TakenBack)
	}
	s.is(allNew, "after the repairs")
	if back := rollback(t, s, s.command("operator"), "after the repairs"); back.RollbackOf != bad {
		t.Errorf("took back %s, want %s", back.RollbackOf, bad)
	}
}

func TestRollback_OnlyNewFunctionsSince_TakesBackTheReleaseBefore(t *testing.T) {
	s := released(t)
	bad := s.document().Current.ID
	s.create("later")
	run(t, s.command("two"), Committed)
	back, err := s.command("operator").Rollback(t.Context())
	if err != nil || back.RollbackOf != bad || len(back.Shifts) != 3 || s.aliases["later"].Version != "1" {
		t.Errorf("rolled back as %+v, %v", back, err)
	}
	s.remove("later")
	s.is(allOld, "after the rollback")
}

func TestRollback_NoOldVersions_IsRefused(t *testing.T) {
	s := newStage(t)
	for function := range s.aliases {
		s.aliases[function] = Pointer{Version: Latest}
	}
	run(t, s.command("first"), Committed)
	for range 2 {
		back, err := s.command("operator").Rollback(t.Context())
		if err == nil || !strings.Contains(err.Error(), "nothing to roll back") || s.document().Current.Rollback {
			t.Errorf("rolled back as %+v, %v", back, err)
		}
	}
}

// A function that was removed and made again has other versions with the same numbers.
func TestRollback_FunctionMadeAgain_KeepsItsVersion(t *testing.T) {
	s := released(t)
	s.remove("b")
	s.create("b")
	run(t, s.command("two"), Committed)
	if back, err := s.command("operator").Rollback(t.Context()); err != nil || len(back.Shifts) != 2 {
		t.Errorf("rolled back as %+v, %v", back, err)
	}
	if at := s.aliases["b"]; at.Version != "1" || s.aliases["a"].Version != "1" {
		t.Errorf("the aliases are %+v", s.aliases)
	}
}

func TestRollback_Second_IsRefusedUnlessFurther(t *testing.T) {
	further := func(s *stage) *Command {
		c := s.command("second")
		c.Further = true
		return c
	}
	for name, rollBack := range map[string]func(*stage) string{ // returns what the refusal names
		"of a committed release": func(s *stage) string {
			run(t, s.command("two"), Committed)
			back, err := s.command("first").Rollback(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return back.RollbackOf
		},
		"of a running release": func(s *stage) string {
			s.killAt = s.calls + 20
			_, _ = s.command("two").Run(t.Context())
			s.killAt, s.now = 0, s.now.Add(time.Hour)
			back, err := s.command("first").Rollback(t.Context())
			if err != nil || back.Phase != TakenBack {
				t.Fatal(back, err)
			}
			return back.ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := released(t)
			bad := s.document().Current.ID
			s.next("a", "b")
			named := rollBack(s)
			s.is(allNew, "after the first rollback")
			if _, err := s.command("second").Rollback(t.Context()); err == nil || !strings.Contains(err.Error(), named) || !strings.Contains(err.Error(), "-further") {
				t.Errorf("the second rollback: %v", err)
			}
			s.is(allNew, "after the refusal")
			if back := rollback(t, s, further(s), "further"); back.RollbackOf != bad {
				t.Errorf("took back %s, want %s", back.RollbackOf, bad)
			}
			third := further(s)
			third.Owner = "third"
			if _, err := third.Rollback(t.Context()); err == nil || !strings.Contains(err.Error(), "nothing to roll back") {
				t.Errorf("the third rollback: %v", err)
			}
		})
	}
}
