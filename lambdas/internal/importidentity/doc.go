// Package importidentity tells which rows of a file are new, and which rows are the two
// legs of one transfer. It is pure: it reads and writes nothing.
//
//	file := importidentity.NewFile("monzo", rows)
//	stored := …                       // what is stored under file.Keys()
//	decisions := file.Decide(stored)  // a key for each new row
//
// # The identity of a row
//
// The identity of a row is its bank, its calendar day, its amount without the sign, its
// text as the bank wrote it, and its occurrence number among equal rows of the file. The
// ids that clients give rows are no part of it.
//
// The same file twice therefore adds nothing, and files that overlap add what is new. Two
// equal purchases on a day are occurrences 1 and 2, and stay two. Of a file that ends
// within a day, the file with the whole day adds what is missing. Files that each have
// another part of the day cannot be told apart from files that have the same part: of
// equal rows, the larger number is kept.
//
// The sign and the category are no part of the identity, because the user can change them
// on the device between two imports. A file with a purchase and its refund on the day of
// the purchase has two occurrences, whatever their order.
//
// # Both legs of a transfer
//
// The legs of a transfer between two accounts at one bank may have the same text, day
// and amount. The sign is part of the identity of rows whose text says that they are
// transfers between the user's accounts. Such a row with the other sign is known only
// where the rows around it are known, which shows that the file was imported before.
//
// # Deleted rows
//
// A row that the user deleted is stored without content. Another import finds it and
// does not bring it back: the user deleted the transaction, and not the file. To have it
// again, the user adds it by hand.
package importidentity
