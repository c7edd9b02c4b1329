// Package erasure deletes the items of one user from every table that declares it
// (tables.ErasePartition). Their partition key is the user's id. The declaration of a
// new table is enough to include the table.
//
// Erase deletes everything when an account is deleted. EraseBefore is for a user who
// erases the data and keeps the account. It deletes the items with user content that
// were last written before a moment. Each deletion depends on the time of the last
// write. An item that the user writes afterwards therefore stays, even with the key
// of an erased item. Queue stores such erasures until they are finished.
//
// Both can be repeated safely. Neither stops writes in progress, so the caller erases
// again when these writes must have ended.
//
// # What follows from erased data
//
// A message may come much later, and a request may have read items before the erasure.
// What they write would be newer than the boundary and stay. So every function that
// derives items writes them through a Guard, and says what they follow from (Source):
//
//	err := guard.Write(ctx, userID, erasure.CausedAt(notice.CausedAt), feed.TxCreate(item))
//
//	source := erasure.ReadAt(now()) // before the reads
//	err := guard.Write(ctx, userID, source, briefs.TxCreate(brief))
//
// Queue notes the boundary and the end of an erasure in the item of the account, which the
// Guard checks. A cause from before the boundary writes nothing. Items that were read
// before the end write nothing either, because an erasure takes a while; a message comes
// again for them (ErrUnfinished), and a request shows them without storing.
//
// What is noted on a derived item, such as that it is sent, leaves the time of its last
// write (store.Table.Notes), so that an erasure still finds it.
package erasure
