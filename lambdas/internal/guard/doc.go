// Package guard decides whether a request may be served: whether its token is
// revoked, and whether its user, or its address where nobody is signed in, has
// any requests left. One conditional write to one item answers both.
//
// The item belongs to the user or the address (tables.RateLimits). It holds a
// token bucket for each limit of each route that was called lately, and a mark
// for each thing that is revoked.
//
// A bucket is one number: the time, in microseconds since the epoch, that the
// tokens taken so far have paid for. A token costs Per/Requests of time; the
// bucket may lag behind the clock by Per at most, which is a full bucket, and
// never lead it. So a request adds the cost on condition that the number was
// within [now-Per, now-cost]. A number below that is a bucket that has been full
// for a while: it is set to now-Per+cost instead. Which of the two applies is
// guessed from what this environment saw last; a wrong guess is a refused write
// that returns the item, and the second try knows. Unlike counters of fixed
// windows, a bucket has no edge at which the rate doubles.
//
// At most one write of a request succeeds, and none of a refused one, so a
// request costs one write unit, or two after a wrong guess.
package guard
