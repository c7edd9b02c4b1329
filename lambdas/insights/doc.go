// Package insights is the domain of figures that are computed from a user's spending:
// savings opportunities and advanced analytics. Each file with a route holds one function:
// its declaration and its use cases.
//
// Every figure follows from the monthly figures (package transactionstore) by addition,
// an average and a comparison, so that a user can compute it again from the list. No
// model is asked. The basis is the last three whole calendar months: without
// transactions in each of them, there is nothing to say.
//
// Amounts are in pence, half a penny rounded away from zero. Percentages have one decimal.
package insights
