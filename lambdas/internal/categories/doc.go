// Package categories knows the categories of transactions: one canonical code for each,
// and the word that each screen of the app has for it.
//
//	code := categories.Parse(request.Category)  // stored
//	word := code.In(categories.TransactionList) // served
//
// # Codes
//
// Only codes are stored, so that a total never depends on the spelling of a screen. A
// code never changes once deployed. A screen that has no word for a code gets the word
// of its parent, such as Transport for fuel.
//
// # Words
//
// Parse knows the words of all screens at once: a word means the same on each of them.
// It ignores case, and reads "and" as "&". A word that no screen has is Other.
package categories
