// Package facts holds the figures of a user that a model is given to phrase, and that an
// answer is checked against.
//
//	known, err := reader.Read(ctx, userID, now)
//	text, err := json.Marshal(known) // what leaves
//	checked := answercheck.Check(answer, known)
//
// A fact is a figure with what it is about, what it measures and its month. All three
// come from fixed lists: a category, a kind of goal, a measure. A fact has no field for
// a text of the user, so no name, description or title can be in one. Goals are
// letters: the user's titles are put in their place after the check (Facts.Titles).
//
// Every sum, share, difference and average that an answer may state is a fact. A model
// is asked to compute nothing, and package answercheck accepts no other figure.
package facts
