package auth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// inFlightGracePeriod is the time after the end of a user's sessions in which their
// requests may still write. The API waits 30 s for a request, and clocks differ.
const inFlightGracePeriod = time.Minute

// deletionDeadlineMargin is the time before the deadline of a run at which it starts no
// further deletion.
const deletionDeadlineMargin = 8 * time.Second

// Resume continues every unfinished deletion. It runs all steps of an interrupted
// deletion again. It erases the data of a completed deletion once more, after
// inFlightGracePeriod. The next run continues where the time ends.
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

// finish erases the data that requests wrote while the sessions ended.
func (d *deleteAccount) finish(ctx context.Context, deletion tables.AccountDeletion) error {
	if err := d.eraseData(ctx, deletion); err != nil {
		return fmt.Errorf("finish the deletion of an account: %w", err)
	}
	return d.queue.Finish(ctx, deletion.UserID)
}
