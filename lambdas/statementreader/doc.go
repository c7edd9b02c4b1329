// Package statementreader reads bank statements in PDF as they are uploaded, and settles their jobs (package
// statementjob). It is a domain of its own because its binary contains PDFium. docs/statements.md says what is
// read and what is refused.
//
// The function reads files of strangers. So it has the rights that its work needs and no others: it may read and delete
// uploads, and read and write jobs. To seal results, it may read items of Users and decrypt the data keys that they
// have. It logs no text of a file: errors of packages pdftext and statements have none.
package statementreader
