// Package budgets is the domain of budgets: what users mean to spend at most in a
// calendar month, for all spending and for categories. Each file with a route or an event
// holds one function: its declaration and its use cases.
//
// Package budgetstore says what is spent of a budget. The keys of the app's map of
// budgets are words of categories in several spellings; a budget is stored under its
// category's canonical code and served under the spelling of categories.BudgetKeys.
//
// # Alerts
//
// A budget has two thresholds: the user's own, 80 % unless set, and 100 %. After a
// change of a transaction of this month, the highest threshold that is reached is an
// alert, unless it or a higher one was an alert in this month already. A budget whose
// limit or threshold changed is a new one: its thresholds can be alerts again.
//
// The alert is stored before its message is published, and marked afterwards. A crash
// in between has the transaction's message come again, which publishes the same message
// under the same id.
package budgets
