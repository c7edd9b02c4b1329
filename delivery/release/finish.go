package release

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// finish brings the current release to its end, from whatever phase it is in.
func (c *Command) finish(ctx context.Context) (*Release, error) {
	r := c.current()
	r.Runs++
	c.began = r.ID
	if err := c.save(ctx); err != nil {
		return nil, err
	}
	if r.Phase == Shifting {
		if err := c.shift(ctx); err != nil {
			return nil, err
		}
		if err := c.watch(ctx); err != nil {
			return nil, err
		}
	}
	end, err := c.settle(ctx)
	if err != nil {
		return nil, err
	}
	r = c.current()
	now := c.Now().UTC()
	r.Phase, r.Ended = end, &now
	c.document.Owner, c.document.LeaseEnds = "", time.Time{}
	if err := c.write(ctx); err != nil {
		return nil, err
	}
	c.Report("Release %s is %s: %d functions%s", r.ID, r.Phase, len(r.Shifts), because(r.Reason))
	c.prune(ctx)
	return r, nil
}

// settle moves every alias to where the decision wants it, and returns the phase that the
// release ends in. An operator may ask to take the release back until the last alias has
// moved. A rollback ends committed: to take it back would bring the bad release back.
func (c *Command) settle(ctx context.Context) (Phase, error) {
	r := c.current()
	if r.Phase == Committing || r.Rollback {
		if err := c.pointAll(ctx, Shift.committed); err != nil {
			return "", err
		}
		if r.TakeBackBy == "" || r.Rollback {
			return Committed, nil
		}
		r.Phase, r.Reason = TakingBack, "taken back by "+r.TakeBackBy
		if err := c.save(ctx); err != nil {
			return "", err
		}
	}
	return TakenBack, c.pointAll(ctx, Shift.takenBack)
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ", because " + reason
}

func (s Shift) committed() Pointer { return Pointer{Version: s.To} }

// takenBack returns where the alias leads without the release. A new function keeps its
// first version.
func (s Shift) takenBack() Pointer {
	if s.From == "" {
		return s.committed()
	}
	return Pointer{Version: s.From}
}

// shift gives each new version the weight of the release.
func (c *Command) shift(ctx context.Context) error {
	weight := c.current().Weight
	if err := c.pointAll(ctx, func(s Shift) Pointer {
		if s.From == "" || s.From == s.To {
			return s.committed()
		}
		return Pointer{Version: s.From, Canary: s.To, Weight: weight}
	}); err != nil {
		return err
	}
	if c.current().Shifted == nil {
		now := c.Now().UTC()
		c.current().Shifted = &now
		c.Report("All new versions have %g %% of the invocations; watching for %gs", 100*weight, c.current().WatchSeconds)
	}
	return c.save(ctx)
}

// maxFailedJudgements is how many judgements in a row may fail before the release is taken
// back: nothing then tells whether the new versions do harm.
const maxFailedJudgements = 5

// watch judges the release until its time is over, and writes the decision. A release whose
// last judgement failed is watched on.
func (c *Command) watch(ctx context.Context) error {
	for failed := 0; ; {
		reason, err := c.judge(ctx)
		if err == nil {
			failed = 0
		} else if failed++; ctx.Err() != nil {
			return err
		} else if c.Report("Judging the release failed: %v", err); failed >= maxFailedJudgements {
			reason = fmt.Sprintf("judging it failed %d times in a row: %v", failed, err)
		}
		r := c.current()
		over := !c.Now().Before(r.Shifted.Add(time.Duration(r.WatchSeconds * float64(time.Second))))
		switch {
		case reason != "":
			r.Phase, r.Reason = TakingBack, reason
			c.Report("Taking back release %s, because %s", r.ID, reason)
		case over && err == nil:
			r.Phase = Committing
		}
		if err := c.save(ctx); err != nil {
			return err
		}
		if c.current().Phase != Shifting {
			return nil
		}
		if err := c.Sleep(ctx, c.Interval); err != nil {
			return err
		}
	}
}

// judge returns why the release must be taken back, and an empty string if it need not.
func (c *Command) judge(ctx context.Context) (string, error) {
	r := c.current()
	if r.TakeBackBy != "" {
		return "taken back by " + r.TakeBackBy, nil
	}
	alarms, err := c.Watcher.Alarms(ctx)
	if err != nil {
		return "", fmt.Errorf("read the alarms: %w", err)
	}
	for _, alarm := range alarms {
		if !slices.Contains(r.IgnoredAlarms, alarm) {
			return "the alarm " + alarm + " has gone off", nil
		}
	}
	return c.Watcher.Failing(ctx, r, *r.Shifted)
}

// pointAll moves the alias of each shift to its target. After an interruption it also
// writes aliases that are there: a late write of the killed run then names an old revision.
func (c *Command) pointAll(ctx context.Context, target func(Shift) Pointer) error {
	for _, shift := range slices.Clone(c.current().Shifts) {
		want := target(shift)
		at, revision, err := c.Aliases.Alias(ctx, shift.Function)
		if errors.Is(err, ErrNoAlias) {
			if err = c.dropRemoved(ctx, c.current(), shift.Function, err); err == nil {
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("read the alias of %s: %w", shift.Function, err)
		}
		if at == want && !c.interrupted {
			continue
		}
		if err := c.renew(ctx); err != nil {
			return err
		}
		if err := c.point(ctx, shift.Function, want, revision); err != nil {
			return fmt.Errorf("move the alias of %s: %w", shift.Function, err)
		}
	}
	return nil
}

// point moves an alias. A call whose response was lost is repeated by the SDK, and then
// finds the revision that it has made itself.
func (c *Command) point(ctx context.Context, function string, want Pointer, revision string) error {
	err := c.Aliases.Point(ctx, function, want, revision)
	if !errors.Is(err, ErrChanged) {
		return err
	}
	if at, _, readErr := c.Aliases.Alias(ctx, function); readErr != nil || at != want {
		return errors.Join(err, readErr)
	}
	return nil
}

// renew extends the lease when half of it is over. It fails if another run has taken over
// since the lease ended.
func (c *Command) renew(ctx context.Context) error {
	if c.document.LeaseEnds.Sub(c.Now()) > c.Lease/2 {
		return nil
	}
	return c.save(ctx)
}

// save writes the document with a new lease. If an operator has asked meanwhile to take
// the release back, save adopts that and writes again. A rollback ignores it.
func (c *Command) save(ctx context.Context) error {
	c.document.Owner, c.document.LeaseEnds = c.Owner, c.Now().Add(c.Lease)
	return c.write(ctx)
}

func (c *Command) write(ctx context.Context) error {
	err := c.Store.Save(ctx, c.document)
	if !errors.Is(err, ErrChanged) {
		return err
	}
	stored, loadErr := c.Store.Load(ctx)
	if loadErr != nil {
		return errors.Join(err, loadErr)
	}
	r, known := c.current(), stored.Current
	if stored.Version == c.document.Version+1 && sameDocument(stored, c.document) {
		c.document.Version++ // the SDK has repeated a write whose response was lost
		return nil
	}
	if stored.Owner != c.Owner || known == nil || known.ID != r.ID || known.TakeBackBy == "" || r.TakeBackBy != "" {
		return err
	}
	c.document.Version = stored.Version
	if !r.Rollback {
		r.TakeBackBy, r.RollbackOwner = known.TakeBackBy, known.RollbackOwner
	}
	return c.Store.Save(ctx, c.document)
}

func sameDocument(a, b *Document) bool {
	one, err := json.Marshal(a)
	other, otherErr := json.Marshal(b)
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}

// prune deletes the versions that no release of the document has. Versions that cannot be
// deleted are reported and deleted by a later release.
func (c *Command) prune(ctx context.Context) {
	keep := map[string][]string{}
	for _, r := range c.document.releases() {
		for _, shift := range r.Shifts {
			keep[shift.Function] = append(keep[shift.Function], shift.From, shift.To)
		}
	}
	for _, shift := range c.current().Shifts {
		if err := c.Aliases.Prune(ctx, shift.Function, keep[shift.Function]); err != nil {
			c.Report("Old versions of %s stay: %v", shift.Function, err)
			return
		}
	}
}
