package transactions

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// createRequest is a transaction that the user enters. The sign of the amount follows
// the type.
type createRequest struct {
	Amount         *money.Amount `json:"amount" validate:"required,gte=-1000000000,lte=1000000000"`
	OriginalAmount *money.Amount `json:"originalAmount" validate:"omitempty,gte=-1000000000,lte=1000000000"`
	Description    *string       `json:"description" validate:"required,max=500,plaintext"`
	Category       *string       `json:"category" validate:"required,max=50,plaintext"`
	Type           string        `json:"type" validate:"required,oneof=debit credit"`
	Date           string        `json:"date" validate:"required,instant"`
	Merchant       *string       `json:"merchant" validate:"required,max=200,plaintext"`
	Currency       string        `json:"currency" validate:"required,eq=GBP"`
	AccountID      string        `json:"accountId" validate:"required,oneof=manual cash"`
	BankName       string        `json:"bankName" validate:"required,oneof='Manual Entry' Cash"`
	AccountType    string        `json:"accountType" validate:"required,oneof='Manual Account' Cash"`
	Tags           []string      `json:"tags" validate:"omitempty,max=20,dive,max=50,plaintext"`
	IsPending      bool          `json:"isPending"`
}

// transaction returns the new transaction.
func (r createRequest) transaction(now time.Time) transactionstore.Transaction {
	made := newTransaction(now, transactionstore.Manual, r.Date)
	made.SetAmount(*r.Amount, r.Type == debit)
	made.Category, made.Account, made.Pending = string(categories.Parse(*r.Category)), r.AccountID, r.IsPending
	made.Text = transactionstore.Texts{Description: *r.Description, Merchant: *r.Merchant, BankName: r.BankName, AccountType: r.AccountType, Tags: r.Tags}
	return made
}

// newTransaction returns a transaction with a new id, which orders by the time of
// creation.
func newTransaction(now time.Time, source, date string) transactionstore.Transaction {
	made := transactionstore.Transaction{Transaction: tables.Transaction{
		TransactionID: store.TimeOrderedID(now, rand.Text()), Source: source, CreatedAt: now.UnixMilli(),
	}}
	made.SetDate(instant(date))
	return made
}

// instant reads a date that the rules have seen.
func instant(text string) time.Time {
	at, _ := dates.ParseInstant(text)
	return at
}

// updateRequest has the fields to change; an absent one is left as it is. The edit dialog
// sends all but the last four.
type updateRequest struct {
	transactionRequest
	Merchant         *string       `json:"merchant" validate:"omitempty,max=200,plaintext"`
	Description      *string       `json:"description" validate:"omitempty,max=500,plaintext"`
	Amount           *money.Amount `json:"amount" validate:"omitempty,gte=-1000000000,lte=1000000000"`
	OriginalAmount   *money.Amount `json:"originalAmount" validate:"omitempty,gte=-1000000000,lte=1000000000"`
	Category         *string       `json:"category" validate:"omitempty,max=50,plaintext"`
	Date             *string       `json:"date" validate:"omitempty,instant"`
	Type             *string       `json:"type" validate:"omitempty,oneof=debit credit"`
	ExcludeFromSpend *bool         `json:"excludeFromSpend"`
	Tags             []string      `json:"tags" validate:"omitempty,max=20,dive,max=50,plaintext"`
	AccountID        *string       `json:"accountId" validate:"omitempty,max=40,plaintext"`
	BankName         *string       `json:"bankName" validate:"omitempty,max=100,plaintext"`
	AccountType      *string       `json:"accountType" validate:"omitempty,max=100,plaintext"`
	IsPending        *bool         `json:"isPending"`
}

// accountCode is the form of an account's code, which is stored in clear.
var accountCode = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]*$`) })

var errBadAccount = apierror.New(http.StatusUnprocessableEntity, "INVALID_ACCOUNT", "The account is manual, cash, or the code of a bank.")

// apply changes a transaction.
func (r updateRequest) apply(t *transactionstore.Transaction) error {
	if r.AccountID != nil && !accountCode().MatchString(*r.AccountID) {
		return errBadAccount
	}
	changed := anyOf(
		set(&t.Text.Merchant, r.Merchant), set(&t.Text.Description, r.Description), set(&t.Text.BankName, r.BankName),
		set(&t.Text.AccountType, r.AccountType), set(&t.Account, r.AccountID), set(&t.Pending, r.IsPending),
		r.setAmount(t), r.setCategory(t), setDay(t, r.Date),
	)
	if r.Tags != nil && !slices.Equal(r.Tags, t.Text.Tags) {
		t.Text.Tags, changed = r.Tags, true
	}
	r.setExclusion(t, changed)
	return nil
}

// setAmount sets the amount and the sign, which follows the type of the request, or else
// the type of the transaction.
func (r updateRequest) setAmount(t *transactionstore.Transaction) bool {
	amount, isDebit, before := t.Amount, t.Debit(), t.Amount
	if r.Amount != nil {
		amount = *r.Amount
	}
	if r.Type != nil {
		isDebit = *r.Type == debit
	}
	t.SetAmount(amount, isDebit)
	return !t.Amount.Equal(before)
}

func (r updateRequest) setCategory(t *transactionstore.Transaction) bool {
	if r.Category == nil {
		return false
	}
	code := string(categories.Parse(*r.Category))
	return set(&t.Category, &code)
}

// setExclusion sets the user's choice whether the transaction is left out of spending.
// The edit dialog forgets the choice that it was served and sends false for a row that
// the user did not touch. So a false beside other fields counts only where a choice is
// taken back and nothing else is edited.
func (r updateRequest) setExclusion(t *transactionstore.Transaction, edited bool) {
	switch {
	case r.ExcludeFromSpend == nil:
	case *r.ExcludeFromSpend, r.onlyExclusion():
		t.ExcludeChoice = r.ExcludeFromSpend
	case !edited && t.ExcludeChoice != nil && *t.ExcludeChoice:
		t.ExcludeChoice = r.ExcludeFromSpend
	}
}

// onlyExclusion reports whether the request has no other field, as the dialog's has.
func (r updateRequest) onlyExclusion() bool {
	return r.Merchant == nil && r.Description == nil && r.Amount == nil && r.OriginalAmount == nil && r.Category == nil && r.Date == nil &&
		r.Type == nil && r.Tags == nil && r.AccountID == nil && r.BankName == nil && r.AccountType == nil && r.IsPending == nil
}

// setDay moves a transaction to another day. The dialog sends midnight of the device's
// zone, so a moment of the same day is kept as it is.
func setDay(t *transactionstore.Transaction, date *string) bool {
	if date == nil || string(calendar.DayOf(instant(*date))) == t.Day {
		return false
	}
	t.SetDate(instant(*date))
	return true
}

// set sets a field that the request has, and reports whether it was different.
func set[T comparable](field *T, value *T) bool {
	if value == nil || *field == *value {
		return false
	}
	*field = *value
	return true
}

func anyOf(all ...bool) bool { return slices.Contains(all, true) }
