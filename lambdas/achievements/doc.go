// Package achievements is the domain of what users have achieved. Each file with an
// event holds one function: its declaration and its use cases.
//
// An achievement and the counter that it adds to are written in one transaction, so the
// counter counts each achievement once, however often its message comes.
package achievements
