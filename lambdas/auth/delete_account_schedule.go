package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// inFlightGracePeriod is how long after the end of a user's sessions none of their requests
// can be writing any more: the API waits 30 s for one, and clocks differ.
const inFlightGracePeriod = time.Minute

// deletionDeadlineMargin is how long before its end a run takes up no other deletion.
const deletionDeadlineMargin = 8 * time.Second

// Resume takes up every deletion that is not finished: one that was interrupted
// is begun again, and one that was done is done once more when nothing can have
// been writing for a while. What it has no time for is for the next run.
func (d *deleteAccount) Resume(ctx context.Context) error {
	pending, err := d.queue.Pending(ctx)
	problems := []error{err}
	for _, deletion := range pending {
		if endsWithin(ctx, d.now(), deletionDeadlineMargin) {
			break
		}
		switch {
		case deletion.ErasedAt == 0 && deletion.IfUnconfirmed:
			problems = append(problems, d.expire(ctx, deletion))
		case deletion.ErasedAt == 0:
			problems = append(problems, d.erase(ctx, deletion))
		case d.now().Sub(time.UnixMilli(deletion.ErasedAt)) >= inFlightGracePeriod:
			problems = append(problems, d.finish(ctx, deletion))
		}
	}
	return errors.Join(problems...)
}

// finish erases what requests wrote that were under way when the sessions ended.
func (d *deleteAccount) finish(ctx context.Context, deletion tables.AccountDeletion) error {
	if err := d.eraseData(ctx, deletion); err != nil {
		return fmt.Errorf("finish the deletion of an account: %w", err)
	}
	return d.queue.Finish(ctx, deletion.UserID)
}
