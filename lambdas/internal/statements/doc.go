// Package statements reads bank statements from the words of their pages.
//
//	pages, err := pdf.Read(ctx, content) // package pdftext
//	statement, err := statements.Read(ctx, pages)
//
// A layout says how a bank prints its table: headings, dates, the side of a row's text on which the amount
// stands, what is no transaction. Each bank has a file of its own. A table of an unknown bank is read by its
// headings, if they leave no doubt.
//
// The balances prove what was read. Every printed balance must follow from the one before and the rows
// between them. Statements of cards print none; their totals prove the rows. [Read] returns
// [ErrUnproven] for a statement whose rows do not add up, and never a part of it.
package statements
