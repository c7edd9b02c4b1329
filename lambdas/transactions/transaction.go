package transactions

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

var errNoTransaction = apierror.New(http.StatusNotFound, "TRANSACTION_NOT_FOUND", "There is no such transaction.")

// The types of transactions, as clients write them.
const (
	debit  = "debit"
	credit = "credit"
)

func typeOf(t *transactionstore.Transaction) string {
	if t.Debit() {
		return debit
	}
	return credit
}

// What the app assumes of a transaction that does not say.
const (
	defaultAccount  = "manual"
	defaultBankName = "Manual Entry"
)

// transactionRequest names a transaction of the caller in the path.
type transactionRequest struct {
	ID string `path:"transactionId" json:"-" validate:"required,max=128"`
}

// transactionResponse is a transaction as the app's screens read it. It leaves out what
// no screen reads and what the app assumes anyway: a list may have 18,000.
type transactionResponse struct {
	ID          string        `json:"id"`
	Amount      money.Amount  `json:"amount"`
	Category    string        `json:"category"`
	Description string        `json:"description"`
	Date        dates.Instant `json:"date"`
	Type        string        `json:"type"`
	Merchant    string        `json:"merchant,omitempty"`
	AccountID   string        `json:"accountId,omitempty"`
	BankName    string        `json:"bankName,omitempty"`
	IsPending   bool          `json:"isPending,omitempty"`
	Tags        []string      `json:"tags,omitempty"`
	// ExcludeFromSpend is the explicit choice of the user: the app judges a transaction
	// without one by itself.
	ExcludeFromSpend *bool `json:"excludeFromSpend,omitempty"`
}

func responseOf(t *transactionstore.Transaction) transactionResponse {
	response := transactionResponse{
		ID: t.TransactionID, Amount: t.Amount, Category: categories.Code(t.Category).In(categories.TransactionList),
		Description: t.Text.Description, Date: t.Date(), Type: typeOf(t), Merchant: t.Text.Merchant,
		IsPending: t.Pending, Tags: t.Text.Tags, ExcludeFromSpend: t.ExcludeChoice,
	}
	if t.Account != defaultAccount {
		response.AccountID = t.Account
	}
	if t.Text.BankName != defaultBankName {
		response.BankName = t.Text.BankName
	}
	return response
}
