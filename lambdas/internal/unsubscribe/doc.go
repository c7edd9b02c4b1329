// Package unsubscribe makes and reads the links with which the recipients of e-mails leave a
// list without signing in (RFC 2369 and RFC 8058):
//
//	url, err := links.URL(ctx, domain, unsubscribe.Digest, userID)
//	list, userID, err := links.Read(ctx, token)
//
// The last part of the path of a link is its token: the list and the user's id, sealed with
// AES-256-GCM under a key that KMS derives (blindindex.DeriveKey). So a token names no user
// to others, two tokens of a user cannot be told to be of one user, and the cipher compares
// its tag in constant time.
//
// A token does not expire: an e-mail may be read years later, and the token can only turn
// e-mails off. Forwarding an e-mail gives that to its readers, and nothing else. KMS does not
// rotate the key. A change of the label makes all earlier links invalid.
package unsubscribe
