package tables

import "github.com/expenzez/infrastructure/lambdas/money"

// CreditRecords holds what a user entered about their credit: one item with the scores of
// all bureaus, and one for each credit card and each debt.
var CreditRecords = &Table{
	Name:         "CreditRecords",
	PartitionKey: Attribute{Name: "userId", Type: String},
	SortKey:      Attribute{Name: "id", Type: String},
	Class:        Personal,
	Erasure:      ErasePartition,
	UserContent:  true,
}

// The ids of the items: that of the scores, and what those of cards and debts begin with.
const (
	CreditScoresID   = "scores"
	CreditCardPrefix = "card#"
	DebtPrefix       = "debt#"
)

// CreditScores is the item with the id CreditScoresID. A user who has never saved a score
// has none. An erasure of the user's data puts one without scores in its place.
type CreditScores struct {
	UserID  string `dynamodbav:"userId"`
	ID      string `dynamodbav:"id"`
	Version string `dynamodbav:"version"`
	// Bureaus has the score of each month, YYYY-MM, by the bureau's name in the contract.
	Bureaus map[string]map[string]int `dynamodbav:"bureaus"`
}

// CreditCard is the item of a credit card. Times are in epoch milliseconds.
type CreditCard struct {
	UserID string `dynamodbav:"userId"`
	// ID is CreditCardPrefix and the id of the card.
	ID string `dynamodbav:"id"`

	Name           EncryptedString `dynamodbav:"name"`
	LastFourDigits EncryptedString `dynamodbav:"lastFourDigits,omitempty"`

	CurrentBalance money.Amount `dynamodbav:"currentBalance"`
	CreditLimit    money.Amount `dynamodbav:"creditLimit"`
	// InterestRate is in percent a year. Nil means not known.
	InterestRate *money.Amount `dynamodbav:"interestRate,omitempty"`
	// DueDate is the day of the month, 1 to 31. Zero means not known.
	DueDate int `dynamodbav:"dueDate,omitempty"`
	// MinimumPayment is for a month. Nil means not known.
	MinimumPayment *money.Amount `dynamodbav:"minimumPayment,omitempty"`

	CreatedAt int64 `dynamodbav:"createdAt"`
	UpdatedAt int64 `dynamodbav:"updatedAt"`
}

// Debt is the item of a debt. Times are in epoch milliseconds.
type Debt struct {
	UserID string `dynamodbav:"userId"`
	// ID is DebtPrefix and the id of the debt.
	ID string `dynamodbav:"id"`

	Name       EncryptedString `dynamodbav:"name"`
	LenderName EncryptedString `dynamodbav:"lenderName,omitempty"`
	// StartDate and EndDate are what the user wrote into fields of a form.
	StartDate EncryptedString `dynamodbav:"startDate,omitempty"`
	EndDate   EncryptedString `dynamodbav:"endDate,omitempty"`

	// Type is a value of DebtType in the contract.
	Type            string       `dynamodbav:"type"`
	TotalAmount     money.Amount `dynamodbav:"totalAmount"`
	RemainingAmount money.Amount `dynamodbav:"remainingAmount"`
	// InterestRate is in percent a year.
	InterestRate   money.Amount `dynamodbav:"interestRate"`
	MonthlyPayment money.Amount `dynamodbav:"monthlyPayment"`
	// DueDate is the day of the month, 1 to 31. Zero means not known.
	DueDate int `dynamodbav:"dueDate,omitempty"`

	CreatedAt int64 `dynamodbav:"createdAt"`
	UpdatedAt int64 `dynamodbav:"updatedAt"`
}
