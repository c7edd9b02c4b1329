// Package buckets declares every S3 bucket of the backend, once for stacks and
// functions, as package tables declares tables.
//
// Objects of a user have keys that begin with Prefix and the user's id, so that a
// user's objects are found together and a key tells whose object it is. Package uploads
// makes and reads them.
package buckets
