package tables

// IdempotencyRecords holds one item for each request that must not be done
// twice: that it is running, or its response
// (lambdas/internal/idempotency says how).
var IdempotencyRecords = &Table{
	Name:         "IdempotencyRecords",
	PartitionKey: Attribute{Name: "id", Type: String},
	TimeToLive:   "expiresAt",
	Class:        Operational,
	Erasure:      EraseByTTL,
}

// IdempotencyRecord is an item of IdempotencyRecords. Times are in epoch
// seconds.
type IdempotencyRecord struct {
	// ID is a hash of the user, the route, and the client's key or the body.
	ID string `dynamodbav:"id"`
	// Fingerprint is a hash of the body.
	Fingerprint string `dynamodbav:"fingerprint"`
	// LeaseID is of the attempt that is doing the request, or has done it.
	LeaseID string `dynamodbav:"leaseId"`
	// LeaseUntil is when that attempt must have ended.
	LeaseUntil int64 `dynamodbav:"leaseUntil"`
	// Done says that the request was done.
	Done bool `dynamodbav:"done"`
	// Response is the JSON of the response. It is absent while the request is being
	// done, and when it is too large to keep.
	Response EncryptedString `dynamodbav:"answer,omitempty"`
	// DataKey is the data key of the response, wrapped by the stage's field key.
	DataKey   []byte `dynamodbav:"dataKey,omitempty"`
	ExpiresAt int64  `dynamodbav:"expiresAt"`
}
