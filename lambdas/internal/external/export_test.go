package external

import "time"

// Freeze has the clock on the wall go on while Go's own stands still, as Lambda
// does to an environment, until the end that it returns.
func Freeze(d time.Duration) (end func()) {
	before := breakers.now
	breakers.now = func() time.Time { return before().Add(d) }
	return func() { breakers.now = before }
}
