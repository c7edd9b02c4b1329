package attempts

import "context"

// Reservation is one for tests that settle attempts in another order than Check.
type Reservation = reservation

// Reserve counts an attempt.
func (c *Counter) Reserve(ctx context.Context, subjects ...AttemptKey) (*Reservation, error) {
	return c.reserveAll(ctx, subjects...)
}

// Succeeded settles an attempt as right.
func (c *Counter) Succeeded(ctx context.Context, attempt *Reservation) { c.recordSuccess(ctx, attempt) }

// Refund settles an attempt as not made.
func (c *Counter) Refund(ctx context.Context, attempt *Reservation) { c.refundAll(ctx, attempt) }
