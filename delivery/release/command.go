package release

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Command releases a stage.
type Command struct {
	// Stage is the stage, for the record. Required.
	Stage string
	// Store, Aliases and Watcher are required.
	Store   Store
	Aliases Aliases
	Watcher Watcher
	// Owner identifies this run among all runs. Required.
	Owner string
	// Commit and ApprovedBy go into the record. Default: empty.
	Commit, ApprovedBy string
	// Weight is the share of invocations that new versions get while they are watched, 0
	// to 1. Default: 0, all functions shift at once and nothing is watched.
	Weight float64
	// Watch is how long new versions are watched.
	Watch time.Duration
	// Interval is the time between two judgements. Default: 30 seconds.
	Interval time.Duration
	// Lease is how long a run that was killed keeps others from continuing its release.
	// Default: 5 minutes.
	Lease time.Duration
	// Attempts is how often the command works on a release that it has begun, at intervals,
	// before it fails. A failed command leaves the release as it is. Default: once.
	Attempts int
	// DespiteAlarms lets a release begin while a watched alarm is in ALARM. The alarm is
	// then ignored. Default: false, such a release is refused.
	DespiteAlarms bool
	// Further lets Rollback go back beyond what an operator has already taken back. Default:
	// false, a second rollback is refused.
	Further bool
	// Report is told what happens. Default: nothing is reported.
	Report func(format string, args ...any)
	// Now and Sleep are the clock. Default: the system's.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error

	document    *Document
	interrupted bool            // the release was begun by another run
	deployed    map[string]bool // read when an alias is missing
	began       string          // the release that an attempt of this run has worked on
}

func (c *Command) withDefaults() *Command {
	d := *c
	if d.Interval == 0 {
		d.Interval = 30 * time.Second
	}
	if d.Lease == 0 {
		d.Lease = 5 * time.Minute
	}
	if d.Report == nil {
		d.Report = func(string, ...any) {}
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Sleep == nil {
		d.Sleep = sleep
	}
	return &d
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// Run continues a release that was interrupted, and then releases what the stacks have
// published. It returns the release that ended last, and nil if there was nothing to
// release. A release that was taken back is no error.
func (c *Command) Run(ctx context.Context) (*Release, error) {
	d := c.withDefaults()
	return d.repeat(ctx, d.run)
}

func (c *Command) run(ctx context.Context) (*Release, error) {
	interrupted, err := c.takeOver(ctx)
	if ended := c.endedMeanwhile(); ended != nil {
		return ended, nil
	}
	if err != nil {
		return nil, err
	}
	var ended *Release
	if interrupted {
		c.Report("Continuing release %s, which is %s", c.current().ID, c.current().Phase)
		c.current().Shifted = nil // no run has watched meanwhile, so the watch begins anew
		if ended, err = c.finish(ctx); err != nil || ended.Phase == TakenBack {
			return ended, err
		}
		c.interrupted, c.began = false, ""
	}
	started, err := c.start(ctx)
	if err != nil || !started {
		return ended, err
	}
	return c.finish(ctx)
}

func (c *Command) current() *Release { return c.document.Current }

// takeOver loads the document and makes this run its owner. It reports whether a release
// was interrupted. The next write saves the owner.
func (c *Command) takeOver(ctx context.Context) (interrupted bool, err error) {
	c.deployed, c.interrupted = nil, false
	if c.document, err = c.Store.Load(ctx); err != nil {
		return false, err
	}
	r := c.current()
	if r == nil || r.Done() {
		return false, nil
	}
	if c.document.Owner != c.Owner && c.Now().Before(c.document.LeaseEnds) {
		return false, fmt.Errorf("%w: %s until %s, unless it goes on", ErrRunning, r.ID, c.document.LeaseEnds.UTC().Format(time.RFC3339))
	}
	c.interrupted = true
	return true, nil
}

// start begins a release of what the stacks have published. It reports whether there is
// anything to release.
func (c *Command) start(ctx context.Context) (bool, error) {
	published, err := c.Aliases.Published(ctx)
	if err != nil {
		return false, err
	}
	r := c.newRelease()
	old := 0
	for _, function := range slices.Sorted(maps.Keys(published)) {
		at, _, err := c.Aliases.Alias(ctx, function)
		if err != nil {
			return false, fmt.Errorf("read the alias of %s: %w", function, err)
		}
		shift := Shift{Function: function, From: at.Version, To: published[function]}
		if at.Version == Latest {
			shift.From = ""
		} else if at.Version == shift.To && at.Canary == "" {
			continue
		} else if at.Version != shift.To {
			old++
		}
		r.Shifts = append(r.Shifts, shift)
	}
	if len(r.Shifts) == 0 {
		c.Report("Nothing to release: every alias invokes the version of its stack")
		return false, nil
	}
	if c.Weight == 0 || old == 0 { // new functions are live already
		r.Phase, r.Weight, r.WatchSeconds = Committing, 0, 0
	} else if err := c.checkAlarms(ctx, r); err != nil {
		return false, err
	}
	c.Report("Releasing %d functions, %d of them new", len(r.Shifts), len(r.Shifts)-old)
	c.document.begin(r)
	return true, nil
}

func (c *Command) newRelease() *Release {
	now := c.Now().UTC()
	return &Release{
		ID:    strings.TrimSuffix(now.Format("20060102T150405Z")+"-"+c.Commit[:min(len(c.Commit), 8)], "-"),
		Stage: c.Stage, Commit: c.Commit, ApprovedBy: c.ApprovedBy,
		Phase: Shifting, Weight: c.Weight, WatchSeconds: c.Watch.Seconds(), Started: now,
	}
}

// checkAlarms refuses a release whose effect on an alarm could not be seen.
func (c *Command) checkAlarms(ctx context.Context, r *Release) error {
	alarms, err := c.Watcher.Alarms(ctx)
	if err != nil {
		return err
	}
	if len(alarms) > 0 && !c.DespiteAlarms {
		return fmt.Errorf("these alarms are in ALARM before the release: %s; repair the stage first, or release despite them", strings.Join(alarms, ", "))
	}
	r.IgnoredAlarms = alarms
	return nil
}
