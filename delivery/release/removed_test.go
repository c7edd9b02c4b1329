package release

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func TestRollback_FunctionRemovedAfterRelease_RollsBackTheOthers(t *testing.T) {
	s := released(t)
	s.remove("b")
	back, err := s.command("operator").Rollback(t.Context())
	if err != nil || back.Phase != Committed || len(back.Shifts) != 2 || !slices.Equal(back.Removed, []string{"b"}) {
		t.Fatalf("rolled back as %+v, %v", back, err)
	}
	s.is(without(allOld, "b"), "after the rollback")
	run(t, s.command("two"), Committed)
	s.is(without(allNew, "b"), "after the next release")
}

// The function is removed by a deployment while the killed command's release waits.
func TestRun_KilledAndFunctionRemoved_ContinuesWithTheOthers(t *testing.T) {
	for failing, aliases := range map[string]map[string]Pointer{"": allNew, "too many errors": allOld} {
		for at := 9; at < 60; at++ {
			s := newStage(t)
			s.failing = func() string { return failing }
			s.killAt = at
			_, err := s.command("killed").Run(t.Context())
			interrupted := s.item != "" && !s.document().Current.Done()
			s.killAt, s.now = 0, s.now.Add(time.Hour)
			s.remove("b")
			if _, err := s.command("next").Run(t.Context()); err != nil {
				t.Fatalf("killed at call %d (%v): %v", at, err, err)
			}
			s.is(without(aliases, "b"), fmt.Sprintf("killed at call %d", at))
			if r := s.document().Current; interrupted && r.Phase != Committed && r.Phase != TakenBack {
				t.Errorf("killed at call %d, %v: ended as %+v", at, err, r)
			}
		}
	}
}

func TestRollback_KilledAndFunctionRemoved_ContinuesWithTheOthers(t *testing.T) {
	for at := 4; at < 16; at++ {
		s := released(t)
		s.killAt = at
		if _, err := s.command("operator").Rollback(t.Context()); err != nil && !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		s.killAt = 0
		s.remove("c")
		if back, err := s.command("operator").Rollback(t.Context()); err != nil || back.Phase != Committed {
			t.Fatalf("killed at call %d: continued as %+v, %v", at, back, err)
		}
		s.is(without(allOld, "c"), fmt.Sprintf("killed at call %d", at))
	}
}

// An alias that is missing though the stack has the function was deleted by hand.
func TestRollback_AliasDeletedByHand_Fails(t *testing.T) {
	s := released(t)
	delete(s.aliases, "b")
	if _, err := s.command("operator").Rollback(t.Context()); !errors.Is(err, ErrNoAlias) {
		t.Errorf("rolled back: %v", err)
	}
	s.aliases["b"] = Pointer{Version: "5"}
	rollback(t, s, s.command("operator"), "with the alias again")
}
