// Package creditfigures reads what a user entered about their credit, and computes what
// follows from it: ratings, utilisation and the health score.
//
//	credit := creditfigures.Open(resources) // the function has creditfigures.Permissions
//	figures, err := credit.Read(ctx, userID)
//	health := figures.Health(averageMonth.Income)
//
// Read leaves out names of cards, debts and lenders, which are sealed: it needs no data
// key, and nothing that it returns is a text of the user.
//
// # Health score
//
// The score is the mean of up to three parts, each 20, 40, 60, 80 or 100. A part that is
// not known is left out, and the others keep their proportion.
//
//	part          weight  what it grades
//	scores        50      the mean of the bureaus' ratings, Very Poor to Excellent
//	utilisation   30      balances in percent of the limits: to 10, 30, 50, 75, above
//	payments      20      payments in percent of the income: to 10, 20, 36, 50, above
//
// A card or debt that is paid back takes no payment.
//
// The result is rounded to a whole number. It is Excellent from 90, Good from 70, Fair
// from 50, Poor from 30, and else Very Poor. The limits are those that consumer guides in
// the United Kingdom use; the score is no bureau's.
package creditfigures
