// Package achievements is the domain of what users have achieved. Each file with a route
// or an event holds one function: its declaration and its use cases.
//
// The achievement for a goal and the counter that it adds to are written in one
// transaction, so the counter counts each once, however often its message comes.
// Achievements for numbers of transactions follow the monthly figures.
//
// Achievements for saving are not stored. They are computed from the figures of whole
// months each time, and hold while the figures do.
package achievements
