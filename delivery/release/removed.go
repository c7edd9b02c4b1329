package release

import (
	"context"
	"errors"
	"slices"
)

// dropRemoved takes a function that no stack has any more out of the release, because its
// alias went with it. It returns the error that there is no alias if a stack has the function.
func (c *Command) dropRemoved(ctx context.Context, r *Release, function string, noAlias error) error {
	if c.deployed == nil {
		deployed, err := c.Aliases.Deployed(ctx)
		if err != nil {
			return errors.Join(noAlias, err)
		}
		c.deployed = deployed
	}
	if c.deployed[function] {
		return noAlias
	}
	c.Report("%s was removed, so the release goes on without it", function)
	r.Removed = append(r.Removed, function)
	r.Shifts = slices.DeleteFunc(slices.Clone(r.Shifts), func(s Shift) bool { return s.Function == function })
	return nil
}
