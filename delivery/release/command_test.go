package release

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// run runs a command and requires its outcome.
func run(t *testing.T, c *Command, want Phase) *Release {
	t.Helper()
	ended, err := c.Run(t.Context())
	if err != nil || ended == nil || ended.Phase != want {
		t.Fatalf("the release ended as %+v, %v, want %s", ended, err, want)
	}
	return ended
}

func TestRun_HealthyRelease_ShiftsWatchesAndCommits(t *testing.T) {
	s := newStage(t)
	judged := 0
	s.failing = func() string {
		judged++
		s.is(canary, "while it is watched")
		return ""
	}
	ended := run(t, s.command("one"), Committed)
	s.is(allNew, "at the end")
	if judged < 10 {
		t.Errorf("judged %d times in ten minutes", judged)
	}
	if watched := ended.Ended.Sub(*ended.Shifted); watched < 10*time.Minute || watched > 12*time.Minute {
		t.Errorf("watched for %s", watched)
	}
	if ended.Commit != "0123456789abcdef" || ended.ApprovedBy != "ada" || ended.Stage != "prod" || len(ended.Shifts) != 4 || ended.Shifts[0] != (Shift{"a", "1", "2"}) {
		t.Errorf("the record is %+v", ended)
	}
	if keep := s.versions["a"]; !slices.Equal(keep, []string{"1", "2"}) || s.versions["same"] != nil {
		t.Errorf("kept versions: %v", s.versions)
	}
	if again, err := s.command("two").Run(t.Context()); again != nil || err != nil {
		t.Errorf("the second release is %+v, %v", again, err)
	}
}

func TestRun_Failing_TakesBackAllFunctions(t *testing.T) {
	for name, break_ := range map[string]func(*stage){
		"an alarm": func(s *stage) {
			s.alarms = func() []string {
				if s.aliases["c"].Canary == "" {
					return nil
				}
				return []string{"expenzez-prod-api-error-rate-critical"}
			}
		},
		"failing versions": func(s *stage) { s.failing = func() string { return "version 2 of a failed" } },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			break_(s)
			ended := run(t, s.command("one"), TakenBack)
			s.is(allOld, "at the end")
			if ended.Reason == "" || ended.Ended.Sub(*ended.Shifted) > time.Minute {
				t.Errorf("taken back as %+v", ended)
			}
		})
	}
}

func TestRun_WithoutWeight_ShiftsAtOnce(t *testing.T) {
	s := newStage(t)
	s.alarms = func() []string { return []string{"an alarm"} } // nothing is watched
	c := s.command("one")
	c.Weight = 0
	run(t, c, Committed)
	s.is(allNew, "at the end")
}

func TestRun_AlarmBeforeRelease_RefusesUnlessAccepted(t *testing.T) {
	s := newStage(t)
	before := maps.Clone(s.aliases)
	s.alarms = func() []string { return []string{"the alarm"} }
	if _, err := s.command("one").Run(t.Context()); err == nil || !strings.Contains(err.Error(), "the alarm") {
		t.Fatalf("released: %v", err)
	}
	s.is(before, "after the refusal")
	c := s.command("one")
	c.DespiteAlarms = true
	if ended := run(t, c, Committed); !slices.Equal(ended.IgnoredAlarms, []string{"the alarm"}) {
		t.Errorf("ignored %v", ended.IgnoredAlarms)
	}
}

// Every call of a run is killed once, before its effect and after. Another run continues
// after the lease.
func TestRun_KilledAtAnyCall_EndsAllNewOrAllOld(t *testing.T) {
	for name, c := range map[string]struct {
		failing string
		weight  float64
		want    Phase
		aliases map[string]Pointer
	}{
		"healthy": {"", 0.1, Committed, allNew},
		"failing": {"too many errors", 0.1, TakenBack, allOld},
		"at once": {"", 0, Committed, allNew},
	} {
		t.Run(name, func(t *testing.T) {
			whole := newStage(t)
			whole.failing = func() string { return c.failing }
			uninterrupted := whole.command("whole")
			uninterrupted.Weight = c.weight
			run(t, uninterrupted, c.want)
			calls := whole.calls
			for at := 1; at <= calls; at++ {
				for _, after := range []bool{false, true} {
					s := newStage(t)
					s.killAt, s.after = at, after
					s.failing = func() string { return c.failing }
					killed := s.command("killed")
					killed.Weight = c.weight
					_, err := killed.Run(t.Context())
					what := fmt.Sprintf("killed at call %d, after its effect: %t", at, after)
					if err == nil && !s.document().Current.Done() { // the deletion of old versions may fail
						t.Fatalf("%s: the run ended without an error", what)
					}
					s.killAt, s.now = 0, s.now.Add(time.Hour)
					next := s.command("next")
					next.Weight = c.weight
					if _, err := next.Run(t.Context()); err != nil {
						t.Fatalf("%s: the next run failed: %v", what, err)
					}
					s.is(c.aliases, what)
					if d := s.document(); d.Current.Phase != c.want || d.Owner != "" {
						t.Errorf("%s: the document is %+v", what, d.Current)
					}
				}
			}
			t.Logf("killed at each of %d calls, before its effect and after", calls)
			if calls < 15 {
				t.Errorf("a run has only %d calls", calls)
			}
		})
	}
}

// The second run is killed, too, at any call.
func TestRun_KilledTwice_EndsAllNewOrAllOld(t *testing.T) {
	for first := 12; first <= 40; first += 3 {
		for second := 1; second <= 40; second++ {
			s := newStage(t)
			s.failing = func() string { return "too many errors" }
			for i, at := range []int{first, second, 0} {
				s.calls, s.killAt, s.after, s.now = 0, at, second%2 == 0, s.now.Add(time.Hour)
				_, err := s.command(fmt.Sprint(i)).Run(t.Context())
				if at == 0 && err != nil {
					t.Fatal(err)
				}
			}
			s.is(allOld, fmt.Sprintf("killed at %d and %d", first, second))
		}
	}
}

func TestRun_WhileAnotherRuns_IsRefused(t *testing.T) {
	s := newStage(t)
	s.killAt = 20
	if _, err := s.command("killed").Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	s.killAt = 0
	before := maps.Clone(s.aliases)
	if _, err := s.command("other").Run(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("a second run: %v", err)
	}
	s.is(before, "after the refusal")
	run(t, s.command("killed"), Committed) // the same owner need not wait
}

// Two runs that begin at the same time have read the same document.
func TestRun_TwoAtOnce_OnlyOneMovesAliases(t *testing.T) {
	s := newStage(t)
	first := s.command("first")
	raced := false
	var second error
	s.alarms = func() []string {
		if !raced {
			raced = true
			c := s.command("second")
			c.Weight = 0
			_, second = c.Run(t.Context())
			s.is(allNew, "after the second run")
		}
		return nil
	}
	if _, err := first.Run(t.Context()); !errors.Is(err, ErrChanged) || second != nil {
		t.Errorf("the first: %v, the second: %v", err, second)
	}
	s.is(allNew, "at the end")
}

// A run that sleeps past its lease must not move an alias that the next run has moved.
func TestRun_LeaseOver_StopsTheRun(t *testing.T) {
	s := newStage(t)
	late := s.command("late")
	slept := false
	late.Sleep = func(_ context.Context, d time.Duration) error {
		if slept {
			return nil
		}
		slept = true
		s.now = s.now.Add(time.Hour)
		s.failing = func() string { return "too many errors" }
		run(t, s.command("next"), TakenBack)
		s.is(allOld, "after the next run")
		return nil
	}
	if _, err := late.Run(t.Context()); !errors.Is(err, ErrChanged) {
		t.Errorf("the late run: %v", err)
	}
	s.is(allOld, "at the end")
}

// slowReader reads the alias of b an hour late, after another run has ended the release.
type slowReader struct {
	*stage
	meanwhile func()
}

func (r *slowReader) Alias(ctx context.Context, function string) (Pointer, string, error) {
	if meanwhile := r.meanwhile; function == "b" && meanwhile != nil {
		r.meanwhile = nil
		r.now = r.now.Add(time.Hour)
		meanwhile()
	}
	return r.stage.Alias(ctx, function)
}

// The revision that the late run has read is current, so only the lease stops it.
func TestRun_LeaseOverBeforeWrite_MovesNoAlias(t *testing.T) {
	s := newStage(t)
	late := s.command("late")
	late.Aliases = &slowReader{s, nil}
	started := false
	s.alarms = func() []string {
		if !started { // the plan is made; what follows are the moves
			started = true
			late.Aliases.(*slowReader).meanwhile = func() {
				s.failing = func() string { return "too many errors" }
				run(t, s.command("next"), TakenBack)
			}
		}
		return nil
	}
	if _, err := late.Run(t.Context()); !errors.Is(err, ErrChanged) {
		t.Errorf("the late run: %v", err)
	}
	s.is(allOld, "at the end")
}

func TestRun_InterruptedWatch_BeginsAnew(t *testing.T) {
	s := newStage(t)
	s.killAt = 40
	if _, err := s.command("killed").Run(t.Context()); !errors.Is(err, errKilled) || s.document().Current.Phase != Shifting || s.document().Current.Shifted == nil {
		t.Fatalf("killed as %+v, %v", s.document().Current, err)
	}
	s.killAt, s.now = 0, s.now.Add(time.Hour)
	continued := s.now
	if ended := run(t, s.command("next"), Committed); ended.Ended.Sub(continued) < 10*time.Minute || ended.Runs != 2 {
		t.Errorf("committed %s after the next run began, in %d runs", ended.Ended.Sub(continued), ended.Runs)
	}
}

// A write that was on its way when the lease ended arrives after the next run.
func TestRun_WriteAfterTheNextRun_NamesAnOldRevision(t *testing.T) {
	s := newStage(t)
	s.killAt = 14
	_, err := s.command("killed").Run(t.Context())
	if !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	s.killAt = 0
	late := map[string]string{}
	for _, function := range []string{"a", "b", "c"} {
		_, late[function], _ = s.Alias(t.Context(), function)
	}
	s.now = s.now.Add(time.Hour)
	if _, err := s.command("operator").Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	for function, revision := range late {
		if err := s.Point(t.Context(), function, canary[function], revision); !errors.Is(err, ErrChanged) {
			t.Errorf("%s took the late write: %v", function, err)
		}
	}
	s.is(allOld, "at the end")
}

func TestRollback_CommittedRelease_BringsBackOldVersionsOnce(t *testing.T) {
	s := newStage(t)
	run(t, s.command("one"), Committed)
	back, err := s.command("operator").Rollback(t.Context())
	if err != nil || !back.Rollback || back.Phase != Committed || len(back.Shifts) != 3 {
		t.Fatalf("rolled back as %+v, %v", back, err)
	}
	s.is(allOld, "after the rollback")
	if _, err := s.command("another").Rollback(t.Context()); err == nil {
		t.Error("a rollback was rolled back")
	}
	if keep := s.versions["a"]; !slices.Contains(keep, "1") || !slices.Contains(keep, "2") {
		t.Errorf("keeps only %v", keep)
	}
	run(t, s.command("two"), Committed)
	s.is(allNew, "after the next release")
}

func TestRollback_RunningRelease_IsTakenBackByItsOwnCommand(t *testing.T) {
	s := newStage(t)
	c := s.command("one")
	minutes := 0
	c.Sleep = func(_ context.Context, d time.Duration) error {
		s.now = s.now.Add(d)
		if minutes++; minutes == 3 {
			operator := s.command("operator")
			waits := errors.New("waits")
			operator.Sleep = func(context.Context, time.Duration) error { return waits }
			if _, err := operator.Rollback(t.Context()); !errors.Is(err, waits) {
				t.Errorf("the operator does not wait: %v", err)
			}
		}
		return nil
	}
	ended := run(t, c, TakenBack)
	s.is(allOld, "at the end")
	if ended.Reason != "taken back by ada" || minutes > 5 {
		t.Errorf("taken back after %d minutes, because %q", minutes, ended.Reason)
	}
	if again, err := s.command("operator").Rollback(t.Context()); err != nil || again.ID != ended.ID {
		t.Errorf("the operator is told of %+v, %v", again, err)
	}
}

// The request arrives between the last judgement and the decision.
func TestRollback_AtTheDecision_IsFollowed(t *testing.T) {
	s := newStage(t)
	asked := false
	s.failing = func() string {
		if r := s.document().Current; !asked && s.now.After(r.Shifted.Add(10*time.Minute)) {
			asked = true
			d, _ := s.Load(t.Context())
			d.Current.TakeBackBy = "ada"
			if err := s.Save(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		return ""
	}
	run(t, s.command("one"), TakenBack)
	s.is(allOld, "at the end")
}

func TestRollback_InterruptedRelease_EndsAllOldAtAnyCall(t *testing.T) {
	for at := 1; at < 60; at++ {
		s := newStage(t)
		s.killAt = at
		_, killed := s.command("killed").Run(t.Context())
		s.killAt, s.now = 0, s.now.Add(time.Hour)
		before := maps.Clone(s.aliases)
		_, err := s.command("operator").Rollback(t.Context())
		if s.item == "" { // killed before the release began
			if err == nil {
				t.Errorf("call %d: rolled back nothing", at)
			}
			s.is(before, "nothing to roll back")
			continue
		}
		if err != nil {
			t.Fatalf("call %d: %v, %v", at, killed, err)
		}
		s.is(allOld, fmt.Sprintf("killed at call %d", at))
	}
}

func TestAtOnce_PublishedVersions_AreLive(t *testing.T) {
	s := newStage(t)
	s.aliases["a"] = canary["a"]
	if moved, err := AtOnce(t.Context(), s); err != nil || moved != 4 {
		t.Errorf("moved %d aliases, %v", moved, err)
	}
	s.is(allNew, "at the end")
}

func TestSave_ResponseLost_IsRecognized(t *testing.T) {
	s := newStage(t)
	lost := &lossy{stage: s}
	c := s.command("one")
	c.Store, c.Aliases = lost, lost
	run(t, c, Committed)
	s.is(allNew, "at the end")
	if lost.repeated < 8 {
		t.Errorf("%d calls were repeated", lost.repeated)
	}
}

// lossy repeats every write, as the SDK does when the response is lost.
type lossy struct {
	*stage
	repeated int
}

func (l *lossy) Save(ctx context.Context, document *Document) error {
	sent := *document
	if err := l.stage.Save(ctx, &sent); err != nil {
		return err
	}
	l.repeated++
	return l.stage.Save(ctx, document)
}

func (l *lossy) Point(ctx context.Context, function string, to Pointer, revision string) error {
	if err := l.stage.Point(ctx, function, to, revision); err != nil {
		return err
	}
	l.repeated++
	return l.stage.Point(ctx, function, to, revision)
}
