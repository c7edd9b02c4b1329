// Package statementtest makes bank statements of known content, to test what reads them.
//
//	made := statementtest.New("hsbc", 42)
//	file := made.PDF()      // what a user uploads
//	want := made.Sections   // what must be read
//
// A bank and a seed determine a statement. Its layout follows a UK bank's: headings, date format, side of the
// amounts, page breaks, and what stands between and beside the rows. Its people, shops and amounts are
// invented. [Banks] names the layouts.
package statementtest
