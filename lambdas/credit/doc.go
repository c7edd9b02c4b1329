// Package credit is the domain of what users enter about their credit: scores of the
// bureaus, credit cards and debts. Nothing comes from a bureau or a bank.
//
// Read and Edit are its functions. package creditfigures computes what follows from the
// figures. docs/domains/credit.md has the rules.
package credit
