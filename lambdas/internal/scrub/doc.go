// Package scrub takes personal data out of texts before a model sees them.
//
//	question := scrub.Question(request.Message, person)
//	name, ok := scrub.Merchant(row.Description) // false: it may be a person's
//
// A question loses e-mail addresses, links, long numbers, postcodes, streets, the user's
// own names and places, common first names, and every capitalised word inside a
// sentence that is not a known one. Each becomes a word in brackets, such as "[name]".
// A rare name in lower case stays: no list has all names.
//
// The name of a merchant passes only when it cannot well be a person's: it is a
// well-known merchant, or has a word of trade ("cafe", "ltd"), or is a single word that
// is no common name. Its digits are removed.
package scrub
