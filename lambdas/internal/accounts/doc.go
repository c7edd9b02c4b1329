// Package accounts keeps the accounts of the backend, for every domain that needs
// them: the Users table, in which personal fields are sealed under a data key of
// the user's own, the UserEmails table, which makes an address unique and
// findable (docs/decisions/0007), and the UserIdentities table, which says whose
// account an identity at Apple or Google opens (docs/social-sign-in.md).
package accounts
