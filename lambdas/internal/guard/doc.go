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
//
// # Budgets
//
// A budget (function.Budget) is a bucket that several routes share. That of an
// address is in the item of the address, so it costs no further write. That of the
// stage is in one item for all clients, which takes a second write, after the first
// and only for a request that is valid. A refused request thus never takes from the
// stage what its address or its route's limit had denied it.
//
// # Lanes
//
// A route with a lane (function.Lane) counts the requests that show a known secret
// by the secret's hash. An item of such a secret is made by Admit alone, after the
// route answered a request with it, so that made-up secrets leave nothing behind:
// each costs one refused write, and one write for its address. A lane that was not
// used for two days is forgotten; its next request counts for the address.
//
// # What stands for users and addresses
//
// Neither table of this package tells whose an item is, so that nothing readable
// is left of an account that was deleted, or of who was at which address.
//
// A user's id is random and far too long to try: its hash is enough. An IPv4
// address is not: all of them can be hashed in minutes. Cutting it short instead,
// to its network or to a few bits of a hash, would let strangers use
// up each other's limits, at sign-in of all places, and would still tell whoever
// has an address in mind whether it was here. So an address is a pseudonym under
// a key that KMS makes (package pseudonym): exact, and closed to whoever has no
// right to the key. The price is that right in every function with a public route,
// which Define gives it; one call of KMS in the life of an environment; 0.8 µs for
// each request, where a user's hash takes 0.2 (the package's benchmarks); and that
// a new environment cannot serve public routes while KMS cannot be reached, which
// is answered as a table is that cannot be reached. The addresses of one IPv6
// network of 64 bits count as one, because whoever has one of them has all.
package guard
