// Package erasure deletes everything that the tables hold of one user: the items
// whose partition key is the user's id, in every table that declares so
// (tables.ErasedByUser). A new table is erased because it says so, and not
// because somebody thought of it here.
//
// Erasing is harmless to repeat. It does not hold off writes that are under way:
// whoever erases an account erases again when those must have ended.
package erasure
