// Package quota counts what users may do so many times a month or a day, and tells
// them how much is left. A rate limit (package guard) is another thing: it protects
// the backend and is opaque to clients.
//
//	var Imports = quota.Monthly("imports", quota.Limits{Free: 4, Premium: 15})
//
//	meter := quota.Open(env, Imports) // the function has Imports.TakePermissions()
//	added, err := meter.Take(ctx, quota.User{ID: caller.UserID, Plan: plan}, fileID)
//	if err != nil {
//		return quota.AsAPIError(err, "IMPORT_LIMIT_REACHED", "You have used all imports of this month.")
//	}
//
// A user takes a quota for a subject, such as the id of a file. Taking it again for
// the same subject in the same period takes nothing and succeeds. GiveBack undoes a
// Take, for work that failed. Both may be repeated: by the SDK, a queue or a client.
// Where requests may share a subject, only the request whose Take added it gives it back.
//
// # Periods
//
// A period is a calendar month or day in the user's time zone. It begins at the first
// instant of its first day, so a day has 23 or 25 hours when the clocks change. The
// period is part of the item's key, so a user who moves to another time zone may
// begin a day early, but has each date's quota only once.
//
// Clocks of two environments differ, and a repetition may come after midnight. In the
// first 15 minutes of a period, and in its last 5 seconds, Take also looks for the
// subject in the neighbouring period. GiveBack then gives back in both. Two Takes for
// one subject that run in parallel on both sides of midnight count once in each period.
//
// # Storage
//
// There is one item for each user, quota and period (tables.Quotas). It holds the set
// of the subjects' hashes, and the size of the set is what is used. Take adds to the
// set in one conditional write: on condition that the subject is not in the set, and that
// the set is smaller than the limit. DynamoDB makes writes to one item one after the
// other, so parallel Takes never exceed the limit. A set holds a subject once, so a
// repeated request changes nothing.
//
// An item with 40 subjects has about 1 KB, one write unit. Limits are therefore at
// most 200, five write units. An item for each subject would cost a transaction of
// two items, four write units, for each Take.
package quota
