package tables

// Statements holds one item for each bank statement that a user imported, for the list of statements. The
// transactions are in Transactions, and the file is deleted.
var Statements = &Table{
	Name:         "Statements",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "statementId", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// Statement is an item of Statements.
type Statement struct {
	UserID string `dynamodbav:"userId"`
	// StatementID is the keyed hash of bank, account and period: another file of the same statement is the same.
	StatementID string `dynamodbav:"statementId"`
	// PeriodStart and PeriodEnd are days, YYYY-MM-DD, or empty.
	PeriodStart string `dynamodbav:"periodStart,omitempty"`
	PeriodEnd   string `dynamodbav:"periodEnd,omitempty"`
	// Count is the number of transactions that one import of the statement had at most.
	Count int `dynamodbav:"count"`
	// Issuer is the bank's name, Account the account number or a card's last digits, and Filename the name that
	// the file has on the device. Each may be empty.
	Issuer   EncryptedString `dynamodbav:"issuer,omitempty"`
	Account  EncryptedString `dynamodbav:"account,omitempty"`
	Filename EncryptedString `dynamodbav:"filename,omitempty"`
	// ImportedAt is when the statement was first imported, in epoch milliseconds.
	ImportedAt int64 `dynamodbav:"importedAt"`
}
