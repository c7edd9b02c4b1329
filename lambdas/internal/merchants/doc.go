// Package merchants reads the texts that UK banks write for transactions: which merchant
// or payee a text names, what kind of payment it is, and the category of well-known
// merchants.
//
//	key := merchants.Normalise("CARD PAYMENT TO SQ *ACME COFFEE,3.20 GBP, RATE 1.00/GBP ON 02-07-2026") // "acme coffee"
//	kind := merchants.KindOf("To A/C 12345678 Via Mobile Xfer")                                            // OwnTransfer
//
// # Normalisation
//
// Normalise removes what differs between two payments to one merchant: the words of the
// bank, card numbers, dates, places, references, and payment processors in front of the
// merchant. It is deterministic, and normalising a result again changes nothing. A rule
// that would leave fewer than three letters, or only a reference, is not applied. Short
// names such as O2 are left where the words of the bank say that they are names. The
// result is a key for comparison and is not shown to users.
//
// Banks cut texts at 22 characters. A key has at most as many, so a cut text and a whole
// one have the same key.
//
// # Order
//
// Rules match whole words, and the longest match counts: "uber eats" is found before
// "uber", and "jet" is not found in "jetty".
package merchants
