// Package guard decides whether a request may be served: whether its token is revoked,
// and whether its limits have requests left. The limits count for the user, or for the
// source IP of a signed-out client. One conditional write to one item decides both.
//
// The item belongs to the user or the source IP (tables.RateLimits). It has a token
// bucket for each limit of each recently called route, and a mark for each revocation.
//
// A bucket is one number: the time, in microseconds since the epoch, up to which tokens
// have been taken. A token costs Per/Requests of time. The number is never later than the
// clock. A number that is Per behind the clock is a full bucket. So a request adds the
// cost on condition that the number was within [now-Per, now-cost]. A lower number means
// that the bucket has been full for a while, and is set to now-Per+cost instead. The
// first try chooses between the two by the numbers that this environment saw last. After
// a wrong choice DynamoDB refuses the write and returns the item for the second try. With
// counters of fixed windows the rate could double at the edge of a window; a bucket has
// no such edge.
//
// A served request has one successful write, and a refused request has none. A request
// therefore costs one write unit, or two after a wrong choice.
//
// # Budgets
//
// A budget (function.Budget) is a bucket that several routes share. The budget of a
// source IP is in the item of the source IP, so it costs no further write. The budget of
// the stage is in one item for all clients. It takes a second write, after the first one,
// for valid requests only. A request that its source IP or its route's limit refuses
// therefore never takes from the stage's budget.
//
// # Lanes
//
// A route with a lane (function.Lane) counts requests with a known secret by the hash of
// the secret. Only Admit creates the item of a secret, after the route served a request
// with it. A forged secret leaves no item behind: it costs one refused write, and one
// write for its source IP. A lane that was not used for two days expires, and its next
// request counts for the source IP.
//
// # How items name users and source IPs
//
// The keys of both tables of this package reveal neither users nor source IPs. Nothing
// readable remains of a deleted account.
//
// A user's id is random and too long to guess, so its hash is enough. An attacker can
// hash all IPv4 addresses in minutes. Cutting the IP address or its hash short would let
// strangers use up each other's limits, even at sign-in. It would also still confirm
// whether a given IP address made requests. So the item has a pseudonym under a key that
// KMS makes (package pseudonym). The pseudonym is exact, and readers without permission
// to use the key cannot compute it. The costs are:
//
//   - Every function with a public route needs the permission, which Define grants.
//   - An environment calls KMS once.
//   - A request takes 0.8 µs, compared with 0.2 µs for the hash of a user's id (the
//     package's benchmarks).
//   - A new environment cannot serve public routes while KMS cannot be reached. The
//     response is the same as for a table that cannot be reached.
//
// The IP addresses of one IPv6 network of 64 bits count as one, because a client with one
// of them has all of them.
package guard
