// Package jobs does work that takes longer than the API waits: a request or an upload
// starts a job, a consumer of messages or uploads does it, and a request awaits its
// result for as long as it can.
//
//	statements := jobs.Open[statement](resources, "statement")
//	err := statements.Finish(ctx, userID, uploadKey, source, result) // the consumer
//	job, err := statements.Await(ctx, userID, uploadKey)     // the request
//
// A job is an item of tables.Jobs under its user. Its result is sealed under the user's
// data key and ends with the item, a day after the job. A job begins when its consumer
// begins it: the item of a job that no consumer has begun does not exist, and Await
// waits for it all the same.
//
// # At least once
//
// A consumer gets its message at least once. Finish and Fail settle a job once: the
// first result stands, and later ones are dropped. A consumer that finds the job settled
// (Settled) has nothing to do.
//
// # Erasure
//
// The item has the user's id as its partition key: it goes with the user's data. A job
// whose source is from before an erasure of the data is not stored (erasure.Guard). A job
// that is settled after the account was deleted has no data key to seal its result
// under, and fails with accounts.ErrNotFound: its consumer drops the message.
package jobs
