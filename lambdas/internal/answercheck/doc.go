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
// A figure is every number in digits or words, with its unit. It must be the figure of
// a fact (package facts): equal to the pence, or rounded to whole pounds where the
// answer has no pence; equal to one decimal of a percentage, or rounded to a whole one;
// equal as a count. The fact must also be about what the sentence says:
//
//   - subject: a figure beside the name of a category or goal is that subject's. A
//     figure of a category needs the category in its sentence.
//   - month: a figure beside the name of a month is that month's. Without one it is of
//     the current month, or of no month. Bills that are due are of the next 30 days.
//   - measure: a figure beside "spent", "income", "target" and their like is that
//     measure's, and a change goes the way that the sentence says.
//
// "Beside" is the same clause, or the same sentence where the clause says nothing.
// Fractions and multiples in words ("half", "twice"), other currencies, negated
// figures, and figures of days, weeks and years are never stated.
//
// # Everything else
//
// A sentence is left out when it has a link, an address or markup, when it speaks of
// the instructions or asks for secrets, when it advises on what needs a licence
// (investments, tax, pensions, loans, insurance), and when it is not English. The text
// is at most MaxCharacters long.
//
// What a sentence without a figure claims ("you spend a lot on food") is not checked.
package answercheck
