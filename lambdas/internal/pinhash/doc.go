// Package pinhash hashes PINs, which are so short that every one of them can be
// tried.
//
//	pin := pinhash.Of(caller.UserID, in.PIN)
//	device.Hash = pin.Hash() // to be kept in a tables.EncryptedString field
//
//	right, err := pin.Is(device.Hash) // false where no PIN is stored
//
// There are 100 000 PINs of five digits. No hash makes so few slow to try: with
// this one, all of them take half an hour of one processor core for each user.
// Three things together protect a PIN:
//
//   - whoever has a copy of the table cannot begin. The hash is a tables.EncryptedString:
//     it is sealed under the user's data key (package fieldcrypt), which KMS alone
//     can unwrap, for this account's functions and each call on record. The seal
//     also binds it to the item of one user's one device: it opens in no other
//     place;
//   - whoever can have the key unwrapped too, as a function's role may, needs that
//     half hour for one user, and as long for the next: the hash is salted;
//   - whoever asks the API is stopped by package attempts.
//
// # The hash
//
// Argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, which is the least that
// OWASP recommends
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id):
// more would keep the owner waiting and, with so few PINs, nobody else out. It is
// stored as a PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md):
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt, 16 bytes>$<hash, 32 bytes>
//
// Is takes the costs from there, so that they can be raised: NeedsRehash tells
// which hashes are behind, and the next PIN that is right is hashed anew. It
// refuses costs that would exhaust the function, because a stored item is not
// above suspicion.
//
// # One salt for each user
//
// The app has one PIN for each device and takes any of them at each, so one guess
// is compared with every device's hash. With a salt for each device that would be
// one computation for each: twenty of them hold a core for almost two seconds, and
// whoever has a token enrols as many devices as there may be. So all PINs of a
// user have one salt, made of the user's id, and a guess is computed once, however
// many devices there are (and once for each of the costs that are in use, should
// they have been raised).
//
// RFC 9106 asks for a salt of each password's own. What this one gives away is
// small: whoever can open a user's hashes sees which devices have the same PIN,
// and finds all of them in the half hour that one would take. That the salt is not
// secret and known beforehand gives a table to compute beforehand, for one user,
// in that same half hour; the ids are random (UUIDs of Cognito), so no two users
// share one.
//
// # What it costs
//
// A hash takes 19 ms of a 2.6 GHz AMD EPYC core, and 24 ms without the assembly,
// which x/crypto has for amd64 only (go test -bench . -cpu 1, with -tags purego
// the second time). Lambda gives a function a whole core at 1769 MB, and less in
// proportion (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html).
// So on arm64 it is an estimated 85 ms at 512 MB, the stages' default, and 165 ms
// at 256 MB. Each hash allocates 20 MB, and a process that makes one after the
// other holds 43 MB at most.
package pinhash
