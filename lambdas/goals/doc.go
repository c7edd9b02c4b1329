// Package goals is the domain of savings goals. Each file with a route or an event
// holds one function: its declaration and its use cases.
//
// A goal belongs to the caller: every key begins with the id of the token's user, so a
// goal of another user is a 404 like one that does not exist. The legacy routes name the
// user in the path, and answer 404 for any other than the caller's own.
//
// # Reached, completed, paused
//
// A goal is completed while its current amount is its target amount or more. It was
// reached when that was so for the first time, which happens once. A paused goal stays
// among the active ones with its progress, because the app resumes it from there.
//
// # Writes that come twice
//
// A creation is idempotent by the route (docs/idempotency.md). PUT has the absolute new
// amount. A contribution adds, and is recognised by its source and timestamp among the
// last hundred of its goal. Every change of the amount is kept as a contribution, and the
// contributions add up to it.
//
// # Limits
//
// A user has at most 100 goals. The count is read before a creation is written, so
// creations at the same moment may pass the limit by their number; the list has room
// for those.
package goals
