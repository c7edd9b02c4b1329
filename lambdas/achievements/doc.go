// Package achievements is the domain of what users have achieved. Each file with an
// event holds one function: its declaration and its use cases.
//
// The achievement for a goal and the counter that it adds to are written in one
// transaction, so the counter counts each once, however often its message comes.
// Achievements for numbers of transactions follow the monthly figures.
package achievements
