package release

import (
	"context"
	"errors"
)

// repeat repeats work that has failed after it began a release, so that a canary does not
// stay on unwatched. A refused release changes nothing and is not repeated, nor is one that
// another run works on.
func (c *Command) repeat(ctx context.Context, work func(context.Context) (*Release, error)) (*Release, error) {
	for left := c.Attempts - 1; ; left-- {
		ended, err := work(ctx)
		if err == nil || c.began == "" || left <= 0 || ctx.Err() != nil || errors.Is(err, ErrRunning) {
			return ended, err
		}
		c.Report("Trying again in %s, %d attempts left, because the release failed: %v", c.Interval, left, err)
		if sleepErr := c.Sleep(ctx, c.Interval); sleepErr != nil {
			return nil, errors.Join(err, sleepErr)
		}
	}
}

// endedMeanwhile returns the release that an earlier attempt has worked on, if it has ended:
// the response of the last write was lost, or an operator has taken the release back. To
// release the versions again would undo that.
func (c *Command) endedMeanwhile() *Release {
	if c.document == nil {
		return nil
	}
	for _, r := range c.document.releases() {
		if r.ID == c.began && r.Done() {
			return r
		}
	}
	return nil
}
