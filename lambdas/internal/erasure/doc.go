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
// again when these writes must have ended. A message may come much later, so a
// consumer of messages writes through a Guard.
package erasure
