package release

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// maxRequestAge is how long a rollback waits for the running command to follow its
// request.
const maxRequestAge = 10 * time.Minute

// Rollback takes back the release that runs, or the last that was committed. It shifts at
// once. A command that works on the release is asked to take it back; Rollback waits for
// it. A repeated run of the same owner returns what the first run has done.
func (c *Command) Rollback(ctx context.Context) (*Release, error) {
	d := c.withDefaults()
	return d.repeat(ctx, d.rollback)
}

func (c *Command) rollback(ctx context.Context) (*Release, error) {
	awaited := ""
	if c.began == "" { // a repeated attempt has asked already
		var err error
		if awaited, err = c.request(ctx); err != nil {
			return nil, err
		}
	}
	interrupted, err := c.takeOver(ctx)
	if ended := c.endedMeanwhile(); ended != nil {
		return ended, nil
	}
	if err != nil {
		return nil, err
	}
	last := c.current()
	switch {
	case interrupted:
		if !last.Rollback {
			last.Phase, last.Reason, last.RollbackOwner = TakingBack, "taken back by "+cmp.Or(c.ApprovedBy, anOperator), c.Owner
		}
		return c.finish(ctx)
	case last != nil && (last.Rollback || last.Phase == TakenBack) && (last.ID == awaited || last.RollbackOwner == c.Owner):
		c.Report("Release %s is %s already", last.ID, last.Phase)
		return last, nil
	}
	back, err := c.startRollback(ctx)
	if err != nil {
		return nil, err
	}
	c.document.begin(back)
	return c.finish(ctx)
}

// startRollback returns the rollback of the newest committed release that has old versions
// and that no rollback has taken back.
func (c *Command) startRollback(ctx context.Context) (*Release, error) {
	rolledBack, remade := map[string]bool{}, map[string]bool{}
	for _, r := range c.document.releases() {
		if r.takenBackByOperator() && !c.Further {
			return nil, fmt.Errorf("release %s has been taken back already, so the versions before it are live; "+
				"to go back further, add -further, or deploy and release what should be live", cmp.Or(r.RollbackOf, r.ID))
		}
		if r.Rollback {
			rolledBack[r.RollbackOf] = true
		} else if r.Phase == Committed && !rolledBack[r.ID] {
			if back, err := c.rollbackOf(ctx, r, remade); err != nil || len(back.Shifts) > 0 {
				return back, err
			}
			c.Report("Release %s has no old versions to go back to", r.ID)
		}
		for _, shift := range r.Shifts {
			remade[shift.Function] = remade[shift.Function] || shift.From == ""
		}
	}
	return nil, errors.New("there is nothing to roll back: none of the recorded releases is live and has old versions")
}

// rollbackOf returns the rollback of a committed release. It leaves out functions that the
// release has made, that were made again since, or that were removed.
func (c *Command) rollbackOf(ctx context.Context, r *Release, remade map[string]bool) (*Release, error) {
	back := c.newRelease()
	back.Rollback, back.RollbackOf, back.RollbackOwner = true, r.ID, c.Owner
	back.Phase, back.Weight, back.WatchSeconds = Committing, 0, 0
	for _, shift := range r.Shifts {
		if shift.From != "" && shift.From != shift.To && !remade[shift.Function] {
			back.Shifts = append(back.Shifts, Shift{Function: shift.Function, From: shift.To, To: shift.From})
		}
	}
	for _, shift := range back.Shifts {
		_, _, err := c.Aliases.Alias(ctx, shift.Function)
		if errors.Is(err, ErrNoAlias) {
			err = c.dropRemoved(ctx, back, shift.Function, err)
		}
		if err != nil {
			return nil, fmt.Errorf("read the alias of %s: %w", shift.Function, err)
		}
	}
	c.Report("Taking back release %s of %s: %d functions", r.ID, r.Started.Format(time.RFC3339), len(back.Shifts))
	return back, nil
}

// takenBackByOperator reports whether an operator's wish has made the versions before the
// release live: the release is a rollback, or its own command took it back.
func (r *Release) takenBackByOperator() bool {
	return r.Rollback || r.Phase == TakenBack && r.RollbackOwner != ""
}

// anOperator stands for an operator who gives no name.
const anOperator = "an operator"

// request asks a command that works on a release to take it back, and waits until that
// release has ended or the command's lease has. It only waits for a rollback, which nothing
// takes back. It returns the ID of the release that it has waited for, and an empty string
// if it need not wait.
func (c *Command) request(ctx context.Context) (awaited string, err error) {
	for end := c.Now().Add(maxRequestAge); ; {
		document, err := c.Store.Load(ctx)
		if err != nil {
			return awaited, err
		}
		r := document.Current
		if r == nil || r.Done() || document.Owner == c.Owner || c.Now().After(document.LeaseEnds) {
			return awaited, nil
		}
		if c.Now().After(end) {
			return awaited, fmt.Errorf("%w: %s is still %s", ErrRunning, r.ID, r.Phase)
		}
		awaited = r.ID
		if r.TakeBackBy == "" && !r.Rollback {
			c.Report("Asking the command that works on %s to take it back", r.ID)
			r.TakeBackBy, r.RollbackOwner = cmp.Or(c.ApprovedBy, anOperator), c.Owner
			if err := c.Store.Save(ctx, document); err != nil && !errors.Is(err, ErrChanged) {
				return awaited, err
			}
			continue // reads whether the request stands
		}
		if err := c.Sleep(ctx, c.Interval); err != nil {
			return awaited, err
		}
	}
}
