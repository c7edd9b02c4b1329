// Package pinhash hashes PINs. An attacker can try every PIN, because PINs are short.
//
//	pin := pinhash.New(caller.UserID, in.PIN)
//	device.Hash = pin.Hash() // for a field of type tables.EncryptedString
//
//	right, err := pin.Matches(device.Hash) // false where no PIN is stored
//
// There are 100 000 PINs of five digits, too few for any hash to make trying them slow.
// With this hash, all of them take half an hour of one processor core for each user. Three
// things together protect a PIN:
//
//   - A copy of the table is not enough. The hash is a tables.EncryptedString, sealed under
//     the user's data key (package fieldcrypt). Only KMS can unwrap that key, for this
//     account's functions, and it logs each call. The seal also binds the hash to the item
//     of one device of one user.
//   - An attacker who can have the key unwrapped too, as a function's role may, needs half
//     an hour for each user, because the hash is salted.
//   - Package attempts limits guesses through the API.
//
// # The hash
//
// The hash is Argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, the minimum that OWASP
// recommends
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id).
// Higher costs would make the owner wait and, with so few PINs, hardly slow an attacker. It
// is stored as a PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md):
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt, 16 bytes>$<hash, 32 bytes>
//
// Matches reads the costs from the string, so they can be raised. NeedsRehash reports which
// hashes have old costs, and the next right PIN is hashed again. Matches refuses costs that
// would exhaust the function, because a stored item may be forged.
//
// # One salt for each user
//
// The app has one PIN for each device and accepts any of a user's PINs on each device. A
// guess is therefore compared with every device's hash. With a salt for each device, each
// comparison would be one computation. Twenty computations hold a core for almost two
// seconds, and an attacker with a token can register as many devices as are allowed. So all
// PINs of a user have one salt, derived from the user's id. A guess is computed once for all
// devices, and once more for each different cost in use.
//
// RFC 9106 asks for a salt for each password. One salt for each user reveals little. An
// attacker who can decrypt a user's hashes sees which devices have the same PIN, and finds
// all of them in the half hour that one takes. The salt is not secret, so an attacker can
// compute a table in advance, for one user, in the same half hour. The ids are random (UUIDs
// of Cognito), so no two users have the same salt.
//
// # Costs
//
// A hash takes 19 ms of a 2.6 GHz AMD EPYC core, and 24 ms without the assembly, which
// x/crypto has for amd64 only (go test -bench . -cpu 1, with -tags purego for the second).
// Lambda gives a function a whole core at 1769 MB, and less in proportion
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). So on arm64 a
// hash takes an estimated 42 ms at the 1,024 MB of applock-pin, and 165 ms at 256 MB. Each
// hash allocates 20 MB. A process that computes hashes one after the other holds 43 MB at
// most.
package pinhash
