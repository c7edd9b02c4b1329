package transactionstore

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// The sources of transactions.
const (
	Manual    = "manual"
	Expense   = "expense"
	CSV       = "csv"
	Statement = "statement"
)

// Texts are what users and banks wrote about a transaction. They are stored sealed, as
// one JSON text.
type Texts struct {
	Description string   `json:"d,omitempty"`
	Merchant    string   `json:"m,omitempty"`
	Notes       string   `json:"n,omitempty"`
	Original    string   `json:"o,omitempty"` // as the bank wrote it
	BankName    string   `json:"b,omitempty"`
	AccountType string   `json:"a,omitempty"`
	Tags        []string `json:"t,omitempty"`
	// Receipt and Recurrence are JSON that the legacy expenses have.
	Receipt    json.RawMessage `json:"r,omitempty"`
	Recurrence json.RawMessage `json:"c,omitempty"`
}

// Transaction is a transaction with its texts. Store fills in the fields of the item that
// follow from others: UserID, Position, Excluded, MerchantHash, Texts, UpdatedAt, Version,
// and CreatedAt when it is zero.
type Transaction struct {
	tables.Transaction
	Text Texts
}

// SetDate sets the moment of the transaction, and the user's calendar day of it.
func (t *Transaction) SetDate(at time.Time) { t.At, t.Day = at.UnixMilli(), string(calendar.DayOf(at)) }

// SetAmount sets the amount with the sign of its type: the app sends debits with either
// sign.
func (t *Transaction) SetAmount(amount money.Amount, debit bool) {
	t.Amount = amount.Abs()
	if debit {
		t.Amount = t.Amount.Neg()
	}
}

// Debit reports whether the transaction is money out. One of zero is.
func (t *Transaction) Debit() bool { return t.Amount.Sign() <= 0 }

// Date returns the date as responses write it, beginning with the calendar day.
func (t *Transaction) Date() dates.Instant {
	return calendar.Instant(dates.Day(t.Day), time.UnixMilli(t.At))
}

// Month returns the calendar month of the transaction, YYYY-MM.
func (t *Transaction) Month() string { return t.Day[:len(dates.MonthLayout)] }

// imported reports whether the id is made of the content of a row, so that another
// import of the row must find it.
func (t *Transaction) imported() bool { return t.Source == CSV || t.Source == Statement }

// clone returns a copy that an edit may change.
func (t *Transaction) clone() Transaction {
	copied := *t
	copied.Text.Tags = slices.Clone(t.Text.Tags)
	if t.ExcludeChoice != nil {
		choice := *t.ExcludeChoice
		copied.ExcludeChoice = &choice
	}
	return copied
}

// equal reports whether two states of a transaction are stored alike, but for the time
// and the version of the write.
func (t *Transaction) equal(other *Transaction) bool {
	a, b := t.Transaction, other.Transaction
	if !a.Amount.Equal(b.Amount) || (a.ExcludeChoice == nil) != (b.ExcludeChoice == nil) ||
		a.ExcludeChoice != nil && *a.ExcludeChoice != *b.ExcludeChoice {
		return false
	}
	for _, one := range []*tables.Transaction{&a, &b} {
		one.Amount, one.ExcludeChoice, one.UpdatedAt, one.Version = money.Amount{}, nil, 0, ""
	}
	return a == b
}

var categoryCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`) })

// check returns an error for a transaction that the figures could not count. Each is a
// fault of the caller.
func (t *Transaction) check() error {
	switch {
	case t.TransactionID == "":
		return fmt.Errorf("a transaction has no id")
	case !dates.IsDay(t.Day):
		return fmt.Errorf("transaction %s: %q is no calendar day", t.TransactionID, t.Day)
	case !categoryCode().MatchString(t.Category):
		return fmt.Errorf("transaction %s: the category is no canonical code", t.TransactionID)
	}
	return nil
}

// position orders transactions by day, then by moment and rank.
func position(t *Transaction) string {
	return fmt.Sprintf("%s#%013d#%05d", t.Day, max(t.At, 0), t.Rank)
}
