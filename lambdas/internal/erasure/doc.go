// Package erasure deletes what the tables hold of one user: the items whose
// partition key is the user's id, in every table that declares so
// (tables.ErasePartition). A new table is covered by its declaration.
//
// Erase deletes everything, when the account goes. EraseBefore deletes what was
// written before a moment, in the tables of content, when the user erases the data
// and keeps the account: each deletion depends on the time of the item's last
// write, so that an item that the user writes afterwards stays, even one with the
// key of an erased item. Queue keeps such erasures until they are finished.
//
// Both are harmless to repeat. Neither holds off writes that are under way: the
// caller erases again when those must have ended.
package erasure
