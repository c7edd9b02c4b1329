// Package answercheck keeps of a model's answer what is true and allowed.
//
//	checked := answercheck.Check(answer, known)
//	if checked.Text == "" { … } // nothing of the answer can be stated
//
// The check works on sentences. A sentence is kept as it is or left out; nothing is
// rewritten. What is left out is counted by its reason (Result.Dropped).
//
// # Figures
//
// A figure is every number in digits or words, with its unit. A sentence with a figure is
// kept when three things are so.
//
// It has words of a closed list only (lexicon.go), beside figures, months, and the names
// of categories, goals and bureaus. A merchant, a person, another time, "can" or "not"
// changes what a figure is said of, and is in no list. So is the name of a part of a
// category, such as "taxis".
//
// Each figure is the figure of a fact (package facts): equal to the pence, or rounded to
// whole pounds where the answer has no pence; equal to one decimal of a percentage, or
// rounded to a whole one; equal as a count.
//
// The fact is about what the clause says, or the sentence where the clause says nothing:
//
//   - subject: a clause names one category, goal or bureau at most, and the fact is about
//     it. Without a name the fact is about all of the user's money.
//   - month: the named one, else the current one or none. Bills that are due are of the
//     next 30 days, and averages are "a month".
//   - measure: the clause says the measure of the fact and no other (measures.go), a
//     percentage is of the right whole, and a change of spending goes the way that the
//     clause says.
//   - a category that is called the largest is.
//
// A clause without a figure may only join others, or be what a change is compared with.
//
// # Everything else
//
// A sentence is left out when it has a link, an address or markup, when it speaks of
// the instructions or asks for secrets, when it advises on what needs a licence or on
// credit, named purchases and bets, and when it is not English: letters that English has
// not, function words of other languages, or fewer than one frequent English word in four
// (language.go). The text is at most MaxCharacters long.
//
// What a sentence without a figure claims ("you spend a lot on food") is not checked.
package answercheck
