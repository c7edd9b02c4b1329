// Package budgetstore reads users' budgets and what is spent of them in a month:
//
//	budgets, err := budgetstore.Open(resources).Of(ctx, userID, calendar.MonthOf(now))
//
// Spending is that of the monthly figures (package transactionstore): debits that are not
// excluded. The monthly budget counts all of it, every other budget its own category.
// No transaction is read.
//
// Amounts are exact, and a comparison with a percentage is one of whole products.
package budgetstore
