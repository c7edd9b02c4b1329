package tables

// DeliveriesByQueue orders what is still to be done with deliveries by when it is due.
var DeliveriesByQueue = &Index{
	Name:         "by-queue",
	PartitionKey: Attribute{Name: "queue", Type: String},
	SortKey:      Attribute{Name: "dueAt", Type: Number},
}

// Deliveries holds one item for each notification that is pushed to a user's devices, and for
// each that a digest by e-mail tells of, one for each digest, and one for the number of
// pushes of each day.
var Deliveries = &Table{
	Name:         "Deliveries",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Indexes:      []*Index{DeliveriesByQueue},
	TimeToLive:   "expiresAt",
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The queues of DeliveriesByQueue. An item with nothing to do is in none.
const (
	// WaitingQueue has push notifications that wait for the end of quiet hours.
	WaitingQueue = "waiting"
	// ReceiptsQueue has push notifications whose receipts are to be read.
	ReceiptsQueue = "receipts"
	// DigestsQueue has digests that are to be sent.
	DigestsQueue = "digests"
)

// What the ids of digests begin with, before the day, those of the notifications of
// digests, before the id of the notification, and those of the numbers of pushes, before
// the day in London. The ids of pushed notifications are before all three in order.
const (
	DigestPrefix  = "digest-"
	NoticedPrefix = "noticed-"
	PushesPrefix  = "pushes-"
)

// Delivery is an item of Deliveries. Times are in epoch milliseconds.
type Delivery struct {
	UserID string `dynamodbav:"userId"`
	// ID is the id of the notification (store.TimeOrderedID), or begins with DigestPrefix,
	// NoticedPrefix or PushesPrefix.
	ID string `dynamodbav:"id"`
	// Queue is what is to be done at DueAt, empty for nothing. DueAt of a notification of a
	// digest is when the digest is due.
	Queue string `dynamodbav:"queue,omitempty"`
	DueAt int64  `dynamodbav:"dueAt,omitempty"`
	// Notice is the JSON of the message that it is about. It has no text of the user.
	Notice string `dynamodbav:"notice,omitempty"`
	// Attempt is a random text of the attempt that began to send. There is one attempt at
	// a time, and none after one whose outcome is not known.
	Attempt string `dynamodbav:"attempt,omitempty"`
	// CountedBy is the id of the item whose Pushes count the attempt, empty when none does.
	CountedBy string `dynamodbav:"countedBy,omitempty"`
	// Pushes is how many notifications were pushed on the day of the item.
	Pushes int `dynamodbav:"pushes,omitempty"`
	// Tickets are what Expo gave for the messages, one for each device.
	Tickets []PushTicket `dynamodbav:"tickets,omitempty"`
	// ExpiresAt is in epoch seconds.
	ExpiresAt int64 `dynamodbav:"expiresAt"`
}

// PushTicket is what Expo gave for the message to one device.
type PushTicket struct {
	// TokenHash names the push token.
	TokenHash string `dynamodbav:"tokenHash"`
	// BoundAt is that of the token's item at the time.
	BoundAt int64 `dynamodbav:"boundAt"`
	// ID is the id of the receipt.
	ID string `dynamodbav:"id"`
}
