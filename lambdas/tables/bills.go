package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// BillUsers lists the users of a time zone who have bills, once for each record with bills.
var BillUsers = &Index{
	Name:         "users",
	PartitionKey: Attribute{Name: "zone", Type: String},
	SortKey:      Attribute{Name: "userId", Type: String},
}

// Bills holds what is known of a user's bills: the bills that were detected among the
// payments to each merchant, those that devices found, and what the user chose about them.
// Package billstore names the records.
var Bills = &Table{
	Name:         "Bills",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "recordId", Type: String},
	Indexes:      []*Index{BillUsers},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// BillRecord is an item of Bills. Times are in epoch milliseconds, days are YYYY-MM-DD,
// and amounts are positive. Texts are stored under the user's data key.
type BillRecord struct {
	UserID string `dynamodbav:"userId"`
	// RecordID is the kind of the record, "#", and a keyed hash of what it is about.
	RecordID string `dynamodbav:"recordId"`

	// Series are the bills that were detected among the payments to a merchant.
	Series []BillSeries `dynamodbav:"series,omitempty"`
	// Device is a bill that a device found.
	Device *DeviceBill `dynamodbav:"device,omitempty"`
	// Choice is what the user chose about a bill.
	Choice *BillChoice `dynamodbav:"choice,omitempty"`
	// Zone is the name of the user's time zone, such as Europe/London, of a record with bills.
	Zone string `dynamodbav:"zone,omitempty"`

	// Texts is JSON of the texts and the ids that are made of texts.
	Texts EncryptedString `dynamodbav:"texts,omitempty"`

	CreatedAt int64 `dynamodbav:"createdAt"`
	UpdatedAt int64 `dynamodbav:"updatedAt"`
	// Version is a new random text at each write of Series.
	Version string `dynamodbav:"version,omitempty"`
}

// BillSeries is a bill that was detected (billdetect.Series).
type BillSeries struct {
	Cadence    string       `dynamodbav:"cadence"`
	Anchor     string       `dynamodbav:"anchor"`
	DayOfMonth int          `dynamodbav:"dayOfMonth,omitempty"`
	Last       int          `dynamodbav:"last"`
	Amount     money.Amount `dynamodbav:"amount"`
	Average    money.Amount `dynamodbav:"average"`
	Varies     bool         `dynamodbav:"varies,omitempty"`
	Confidence int          `dynamodbav:"confidence"`
	// Category is the canonical code of the last payment.
	Category string           `dynamodbav:"category"`
	Change   *BillPriceChange `dynamodbav:"change,omitempty"`
	// Payments are the last payments, the oldest first.
	Payments []BillPayment `dynamodbav:"payments"`
	FoundAt  int64         `dynamodbav:"foundAt"`
}

// BillPriceChange is the last change of a bill's price.
type BillPriceChange struct {
	Day  string       `dynamodbav:"day"`
	From money.Amount `dynamodbav:"from"`
	To   money.Amount `dynamodbav:"to"`
}

// BillPayment is a transaction that paid a bill.
type BillPayment struct {
	ID     string       `dynamodbav:"id"`
	Day    string       `dynamodbav:"day"`
	Amount money.Amount `dynamodbav:"amount"`
}

// DeviceBill is a bill as a device found it.
type DeviceBill struct {
	// Frequency and Status are values of the contract.
	Frequency  string        `dynamodbav:"frequency"`
	Status     string        `dynamodbav:"status"`
	Due        string        `dynamodbav:"due"`
	Last       string        `dynamodbav:"last,omitempty"`
	Amount     money.Amount  `dynamodbav:"amount"`
	Average    money.Amount  `dynamodbav:"average"`
	Category   string        `dynamodbav:"category"`
	Confidence int           `dynamodbav:"confidence"`
	Modified   bool          `dynamodbav:"modified,omitempty"`
	Payments   []BillPayment `dynamodbav:"payments"`
}

// BillChoice is what a user chose about a bill.
type BillChoice struct {
	// Category is a canonical code, or empty when none was chosen.
	Category string `dynamodbav:"category,omitempty"`
	// Status is active or inactive, or empty when none was chosen.
	Status string `dynamodbav:"status,omitempty"`
	// Ignored says that it is no bill for the user.
	Ignored         bool   `dynamodbav:"ignored,omitempty"`
	ExclusionReason string `dynamodbav:"exclusionReason,omitempty"`
	ExcludedAt      int64  `dynamodbav:"excludedAt,omitempty"`
	// PaidAt is when the user marked the bill as paid, and PaidFor the day on which the
	// payment is due that is paid.
	PaidAt  int64  `dynamodbav:"paidAt,omitempty"`
	PaidFor string `dynamodbav:"paidFor,omitempty"`
	// Muted says that the user wants no reminders.
	Muted bool `dynamodbav:"muted,omitempty"`
	// SetAt is when the user last set category, status, name, ignored, paid and muted, whatever
	// the value: of two choices about a bill under two ids, the later one counts. Records of
	// before have none.
	SetAt map[string]int64 `dynamodbav:"setAt,omitempty"`
}
