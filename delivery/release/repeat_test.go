package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// Each call fails once, before its effect and after. What the command has begun, it ends.
func TestAttempts_AnyCallFailsOnce_EndsWhatWasBegun(t *testing.T) {
	for name, c := range map[string]struct {
		stage   func(*testing.T) *stage
		work    func(*Command, context.Context) (*Release, error)
		aliases map[string]Pointer
	}{
		"release":  {newStage, (*Command).Run, allNew},
		"rollback": {released, (*Command).Rollback, allOld},
	} {
		t.Run(name, func(t *testing.T) {
			whole := c.stage(t)
			if _, err := c.work(whole.command("one"), t.Context()); err != nil {
				t.Fatal(err)
			}
			ended := 0
			for at := 1; at <= whole.calls; at++ {
				for _, after := range []bool{false, true} {
					s := c.stage(t)
					before := maps.Clone(s.aliases)
					s.killAt, s.after, s.once = at, after, true
					command := s.command("one")
					command.Attempts = 2
					r, err := c.work(command, t.Context())
					what := fmt.Sprintf("call %d fails, after its effect: %t", at, after)
					if err != nil {
						s.is(before, what+": it had not begun")
						continue
					}
					ended++
					s.is(c.aliases, what)
					if d := s.document(); r == nil || r.Phase != Committed || d.Current.ID != r.ID || len(d.Earlier) != len(whole.document().Earlier) {
						t.Errorf("%s: ended as %+v", what, r)
					}
				}
			}
			if ended < whole.calls { // of twice as many
				t.Errorf("only %d attempts ended", ended)
			}
		})
	}
}

// failAfterShift fails once while the release is watched.
func failAfterShift(s *stage, c *Command, meanwhile func()) {
	failed := false
	c.Attempts = 3
	c.Sleep = func(_ context.Context, d time.Duration) error {
		s.now = s.now.Add(d)
		if failed && meanwhile != nil {
			meanwhile()
			meanwhile = nil
		}
		if !failed {
			failed = true
			return errors.New("the connection was lost")
		}
		return nil
	}
}

func TestAttempts_FailureWhileWatching_ContinuesTheRelease(t *testing.T) {
	s := newStage(t)
	c := s.command("one")
	failAfterShift(s, c, nil)
	if ended := run(t, c, Committed); ended.Runs != 2 {
		t.Errorf("%d runs", ended.Runs)
	}
	s.is(allNew, "at the end")
}

// The operator takes the release back while the command waits for its next attempt.
func TestAttempts_TakenBackMeanwhile_DoesNotReleaseAgain(t *testing.T) {
	s := newStage(t)
	c := s.command("one")
	failAfterShift(s, c, func() {
		s.now = s.now.Add(time.Hour)
		if _, err := s.command("operator").Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	})
	run(t, c, TakenBack)
	s.is(allOld, "at the end")
}

func TestAttempts_AnotherRunWorks_LeavesTheReleaseToIt(t *testing.T) {
	s := newStage(t)
	c := s.command("one")
	failAfterShift(s, c, func() {
		s.now = s.now.Add(time.Hour)
		other := s.command("other")
		other.Sleep = func(context.Context, time.Duration) error { return errKilled }
		_, _ = other.Run(t.Context())
	})
	before := s.now
	if _, err := c.Run(t.Context()); !errors.Is(err, ErrRunning) || s.now.Sub(before) > 62*time.Minute+time.Second {
		t.Errorf("the first run, after %s: %v", s.now.Sub(before), err)
	}
}

// The response of the rollback's last write is lost, and the next release begins.
func TestAttempts_NextReleaseBegunMeanwhile_IsNotAskedToEnd(t *testing.T) {
	whole := released(t)
	rollback(t, whole, whole.command("operator"), "uninterrupted")
	s := released(t)
	s.killAt, s.after, s.once = whole.calls-3, true, true // three deletions of old versions follow
	c := s.command("operator")
	c.Attempts = 2
	c.Sleep = func(context.Context, time.Duration) error {
		next := s.command("next")
		next.Sleep = func(context.Context, time.Duration) error { return errKilled }
		_, _ = next.Run(t.Context())
		return nil
	}
	back, err := c.Rollback(t.Context())
	if current := s.document().Current; err != nil || !back.Rollback || current.Phase != Shifting || current.TakeBackBy != "" {
		t.Errorf("rolled back as %+v, %v, while %+v", back, err, current)
	}
}

// unseeing fails in judgements.
type unseeing struct {
	*stage
	fails func(judgement int) bool
	count int
}

func (u *unseeing) Failing(context.Context, *Release, time.Time) (string, error) {
	if u.count++; u.fails(u.count) {
		return "", errors.New("CloudWatch is down")
	}
	return "", nil
}

func TestRun_FailedJudgements_AreToleratedUntilTooManyInARow(t *testing.T) {
	for name, c := range map[string]struct {
		fails   func(int) bool
		want    Phase
		aliases map[string]Pointer
	}{
		"one":               {func(n int) bool { return n == 3 }, Committed, allNew},
		"four in a row":     {func(n int) bool { return n >= 3 && n < 7 }, Committed, allNew},
		"four of each five": {func(n int) bool { return n%5 != 0 }, Committed, allNew},
		"the last":          {func(n int) bool { return n >= 11 && n < 14 }, Committed, allNew},
		"five in a row":     {func(n int) bool { return n >= 3 }, TakenBack, allOld},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			command := s.command("one")
			watcher := &unseeing{stage: s, fails: c.fails}
			command.Watcher = watcher
			ended := run(t, command, c.want)
			s.is(c.aliases, "at the end")
			if c.want == TakenBack && (!strings.Contains(ended.Reason, "CloudWatch is down") || watcher.count != 7) {
				t.Errorf("taken back after %d judgements, because %s", watcher.count, ended.Reason)
			}
			if c.want == Committed && c.fails(watcher.count) {
				t.Error("committed after a judgement that failed")
			}
		})
	}
}
