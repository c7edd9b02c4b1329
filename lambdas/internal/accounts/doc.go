// Package accounts stores the accounts of the backend, for every domain that needs
// them. It has three tables:
//
//   - Users, with personal fields sealed under a data key of the user
//   - UserEmails, which makes an address unique and findable (docs/decisions/0007)
//   - UserIdentities, which maps an identity at Apple or Google to an account
//     (docs/social-sign-in.md)
package accounts
