// Package pinhash hashes PINs, which are so short that every one of them can be
// tried.
//
//	device := pinhash.Device{User: caller.UserID, ID: in.DeviceID}
//	stored := pinhash.Hash(device, in.PIN) // to be kept in a tables.Private field
//
//	right, err := pinhash.Verify(device, in.PIN, stored) // false where no PIN is stored
//
// There are 100 000 PINs of five digits. No hash makes so few slow to try: with
// this one, all of them take half an hour of one processor core for each device.
// Three things together protect a PIN:
//
//   - whoever has a copy of the table cannot begin. The hash is a tables.Private:
//     it is sealed under the user's data key (package fieldcrypt), which KMS alone
//     can unwrap, for this account's functions and each call on record;
//   - whoever can have the key unwrapped too, as a function's role may, needs that
//     half hour for one device, and as long for the next: each hash has a salt of
//     its own. It is of the user and the device as well as of the PIN, so that it
//     cannot be put in another's place either;
//   - whoever asks the API is stopped by package attempts.
//
// # The hash
//
// Argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane, which is the least that
// OWASP recommends
// (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id):
// more would keep the owner waiting and, with so few PINs, nobody else out. What
// is hashed is the user's id, the device's id and the PIN, each preceded by
// its length. It is stored as a PHC string
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md):
//
//	$argon2id$v=19$m=19456,t=2,p=1$<salt, 16 bytes>$<hash, 32 bytes>
//
// Verify takes the numbers from there, so that they can be raised:
// NeedsRehash tells which hashes are behind, and the next PIN that is right is
// hashed anew. It refuses numbers that would exhaust the function, because a
// stored item is not above suspicion.
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
