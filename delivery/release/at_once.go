package release

import (
	"context"
	"maps"
	"slices"
)

// AtOnce points every alias at the version that its stack has published, without state and
// without a way back: for stages that only one process deploys. It returns how many aliases
// it has moved.
func AtOnce(ctx context.Context, aliases Aliases) (moved int, err error) {
	published, err := aliases.Published(ctx)
	if err != nil {
		return 0, err
	}
	for _, function := range slices.Sorted(maps.Keys(published)) {
		want := Shift{To: published[function]}.committed()
		at, revision, err := aliases.Alias(ctx, function)
		if err != nil {
			return moved, err
		}
		if at == want {
			continue
		}
		if err := aliases.Point(ctx, function, want, revision); err != nil {
			return moved, err
		}
		moved++
	}
	return moved, nil
}
