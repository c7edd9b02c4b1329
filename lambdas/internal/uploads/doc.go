// Package uploads takes objects of users into a bucket by presigned URLs, and reads and
// deletes them.
//
//	files := uploads.Open(resources, buckets.Statements)
//	url, key, err := files.URL(ctx, caller.UserID)   // the client sends PUT to it
//	body, err := files.Read(ctx, key, caller.UserID) // once it is there
//
// # What a URL allows
//
// A URL allows PUT of one object, under a key that S3 gives to no other, with the
// bucket's content type, for as long as the bucket's URLAge. S3 cannot bind a presigned
// PUT to a largest size: Read refuses a larger object before it reads it, and its reader
// deletes it.
//
// # Whose object
//
// A key is "users/<user id>/<random id>". Owner returns the user id, and Read refuses a
// key of another user as if there were no object.
package uploads
