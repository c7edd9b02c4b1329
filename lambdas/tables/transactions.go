package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// The indexes of Transactions. Both are local, so their reads are consistent. A deleted
// transaction is in neither.
var (
	// TransactionsByDay orders a user's transactions by their calendar day. It holds what
	// lists, imports and the repair of figures read.
	TransactionsByDay = &Index{
		Name:    "by-day",
		SortKey: Attribute{Name: "position", Type: String},
		Projection: Projection{Attributes: []string{
			"day", "at", "amount", "category", "excluded", "excludeChoice", "pending", "account", "source", "transferId", "textHash", "texts",
		}},
	}
	// TransactionsByMerchant finds a user's transactions with one merchant by its keyed
	// hash. It holds what the detection of bills reads.
	TransactionsByMerchant = &Index{
		Name:       "by-merchant",
		SortKey:    Attribute{Name: "merchantHash", Type: String},
		Projection: Projection{Attributes: []string{"category", "day", "amount", "excluded"}},
	}
)

// Transactions holds one item for each transaction of a user. Package transactionstore
// reads and writes it, together with TransactionFigures.
var Transactions = &Table{
	Name:         "Transactions",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "transactionId", Type: String},
	Indexes:      []*Index{TransactionsByDay, TransactionsByMerchant},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// Transaction is an item of Transactions. Times are in epoch milliseconds. Texts are
// stored under the user's data key. The rest is readable to the backend, which adds it
// up without that key.
type Transaction struct {
	UserID string `dynamodbav:"userId"`
	// TransactionID never changes. The id of an imported transaction is made of its
	// content, so that the same row is found again.
	TransactionID string `dynamodbav:"transactionId"`
	// Position orders by Day, then by At and Rank. A deleted transaction has none.
	Position string `dynamodbav:"position,omitempty"`

	// Day is the calendar day in the user's time zone, YYYY-MM-DD.
	Day string `dynamodbav:"day,omitempty"`
	// At is the moment that the client sent.
	At int64 `dynamodbav:"at,omitempty"`
	// Rank orders transactions of one moment: the higher is the newer.
	Rank int `dynamodbav:"rank,omitempty"`
	// Amount is negative for a debit.
	Amount money.Amount `dynamodbav:"amount"`
	// Category is a canonical code.
	Category string `dynamodbav:"category,omitempty"`
	// Excluded says that the transaction is neither spending nor income. It is
	// ExcludeChoice, or what the texts suggest while the user has not chosen.
	Excluded      bool  `dynamodbav:"excluded,omitempty"`
	ExcludeChoice *bool `dynamodbav:"excludeChoice,omitempty"`
	Pending       bool  `dynamodbav:"pending,omitempty"`

	// Account is where the transaction is from: manual, cash, or the code of a bank.
	Account string `dynamodbav:"account,omitempty"`
	// Source is how the transaction came: manual, expense, csv or statement.
	Source string `dynamodbav:"source,omitempty"`
	// ImportID is the import that created the transaction.
	ImportID string `dynamodbav:"importId,omitempty"`
	// TransferID is the other leg of a transfer between the user's accounts.
	TransferID string `dynamodbav:"transferId,omitempty"`

	// MerchantHash and TextHash are keyed hashes of the normalised merchant and of the
	// text that the bank wrote.
	MerchantHash string `dynamodbav:"merchantHash,omitempty"`
	TextHash     string `dynamodbav:"textHash,omitempty"`
	// Texts is the JSON of what users and banks wrote (transactionstore.Texts). One
	// sealed attribute takes less room and time than one for each text.
	Texts EncryptedString `dynamodbav:"texts"`

	CreatedAt int64 `dynamodbav:"createdAt,omitempty"`
	UpdatedAt int64 `dynamodbav:"updatedAt,omitempty"`
	// DeletedAt is set on an imported transaction that the user deleted. Its item stays
	// without content, so that another import of the same row does not bring it back.
	DeletedAt int64 `dynamodbav:"deletedAt,omitempty"`
	// Version is a new random text at each write.
	Version string `dynamodbav:"version,omitempty"`
}
