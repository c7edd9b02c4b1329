// Package scrub takes personal data out of texts before a model sees them.
//
//	question := scrub.Question(request.Message, person)
//	name, ok := scrub.Merchant(row.Description) // false: it may be a person's
//
// A question loses e-mail addresses, links, numbers of six digits and more in any grouping, dates with a day and a
// year, postcodes, streets with a number, and the user's own names and places. A word with a capital leaves only if it
// is known: a word of English that is no common name, a month, a category, or a well-known merchant. Common names, and
// unknown words behind a title, a name, or words such as "paid" and "live in", go in lower case as well. Each becomes a
// word in brackets, such as "[name]". Amounts, percentages, years and months stay.
//
// Of a merchant, the name leaves if it is well known. Of other merchants, words of trade ("cafe", "plumbing") and
// ordinary words leave, and nothing of a text with an initial, a title, a common first name, or no word of trade.
package scrub
