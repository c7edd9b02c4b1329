package tables

// Jobs holds one item for each piece of work that takes longer than the API waits
// (lambdas/internal/jobs). An item ends a day after its job.
var Jobs = &Table{
	Name:         "Jobs",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "jobId", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// Job is an item of Jobs.
type Job struct {
	UserID string `dynamodbav:"userId"`
	// JobID is the kind of the job and what it is about, such as "statement:<upload>".
	JobID string   `dynamodbav:"jobId"`
	State JobState `dynamodbav:"state"`
	// Failure is a code that says why a failed job failed.
	Failure string `dynamodbav:"failure,omitempty"`
	// Result is the result of a finished job, as compressed JSON (package packed).
	Result EncryptedString `dynamodbav:"result"`
	// ExpiresAt is when the item ends, in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}

// JobState is what has become of a job.
type JobState string

// The states. A job that has not been settled has no item.
const (
	JobFinished JobState = "finished"
	JobFailed   JobState = "failed"
)
