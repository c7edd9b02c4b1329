package creditfigures

import (
	"context"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// MaxOfEach is how many cards a user can have, and how many debts.
const MaxOfEach = 50

// MaxRead is how many items of a user a query reads: creations at the same moment may pass
// MaxOfEach by their number.
const MaxRead = 10 * MaxOfEach

// Permissions are what a function declares that reads figures.
var Permissions = function.Permissions{Tables: []tables.Grant{tables.CreditRecords.Allow(tables.Query)}}

// Figures are what a user entered about their credit, without names.
type Figures struct {
	// Histories are the scores of each bureau. It is empty for a user who has never
	// saved a score.
	Histories []History
	Cards     []Card
	Debts     []Debt
}

// Card is a credit card. Amounts are positive.
type Card struct {
	Balance, Limit money.Amount
	// MinimumPayment is for a month, zero where it is not known.
	MinimumPayment money.Amount
	// InterestRate is in percent a year. Nil means not known.
	InterestRate *money.Amount
}

// Utilisation returns the balance in percent of the limit.
func (c Card) Utilisation() money.Amount { return money.Percentage(c.Balance, c.Limit) }

// Debt is a debt. Amounts are positive.
type Debt struct {
	// Type is a value of DebtType in the contract.
	Type             string
	Total, Remaining money.Amount
	MonthlyPayment   money.Amount
	// InterestRate is in percent a year.
	InterestRate money.Amount
}

// Reader reads figures. It is safe for concurrent use.
type Reader struct {
	items *store.Table[record]
}

// Open returns the reader for a function that declares Permissions.
func Open(resources *function.Resources) *Reader {
	return &Reader{store.Open[record](resources, tables.CreditRecords)}
}

// New returns the reader of the CreditRecords table of this name.
func New(client store.Client, name string) *Reader {
	return &Reader{store.New[record](client, name, tables.CreditRecords)}
}

// record has what items of all kinds have in clear.
type record struct {
	ID      string                    `dynamodbav:"id"`
	Bureaus map[string]map[string]int `dynamodbav:"bureaus"`

	CurrentBalance money.Amount  `dynamodbav:"currentBalance"`
	CreditLimit    money.Amount  `dynamodbav:"creditLimit"`
	MinimumPayment *money.Amount `dynamodbav:"minimumPayment"`
	InterestRate   *money.Amount `dynamodbav:"interestRate"`

	Type            string       `dynamodbav:"type"`
	TotalAmount     money.Amount `dynamodbav:"totalAmount"`
	RemainingAmount money.Amount `dynamodbav:"remainingAmount"`
	MonthlyPayment  money.Amount `dynamodbav:"monthlyPayment"`
}

// Read returns the user's figures, with one Query. It sees every write before it.
func (r *Reader) Read(ctx context.Context, userID string) (Figures, error) {
	page, err := r.items.Query(ctx, store.Query{Partition: userID, Limit: MaxRead, Consistency: store.Consistent})
	if err != nil {
		return Figures{}, err
	}
	var found Figures
	for _, item := range page.Items {
		switch {
		case item.ID == tables.CreditScoresID:
			found.Histories = histories(item.Bureaus)
		case strings.HasPrefix(item.ID, tables.CreditCardPrefix):
			found.Cards = append(found.Cards, Card{item.CurrentBalance, item.CreditLimit, orZero(item.MinimumPayment), item.InterestRate})
		case strings.HasPrefix(item.ID, tables.DebtPrefix):
			found.Debts = append(found.Debts, Debt{item.Type, item.TotalAmount, item.RemainingAmount, item.MonthlyPayment, orZero(item.InterestRate)})
		}
	}
	return found, nil
}

func orZero(amount *money.Amount) money.Amount {
	if amount == nil {
		return money.Amount{}
	}
	return *amount
}
