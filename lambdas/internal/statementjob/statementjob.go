// Package statementjob is what the reader of bank statements and the functions that wait for it have in common:
// the kind of the job, its result, and why a statement was refused. It is apart from package statements, so that
// only the reader's binary contains PDFium.
package statementjob

import (
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/jobs"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// kind is the kind of the jobs. Their ids are the keys of the uploads.
const kind = "statement"

// Why a statement was refused. The codes are stored with the jobs and served to clients.
const (
	// NotFound means that there is no upload with the key.
	NotFound = "STATEMENT_NOT_FOUND"
	// TooLarge means that the upload has more bytes than its bucket takes.
	TooLarge = "STATEMENT_TOO_LARGE"
	// NotPDF means that the upload does not begin like a PDF.
	NotPDF = "STATEMENT_NOT_PDF"
	// Encrypted means that the PDF needs a password.
	Encrypted = "STATEMENT_ENCRYPTED"
	// NoText means that the pages are pictures, as scanned pages are.
	NoText = "STATEMENT_NO_TEXT"
	// TooLong means that there are too many pages, characters or rows.
	TooLong = "STATEMENT_TOO_LONG"
	// TooComplex means that reading took too much time or memory.
	TooComplex = "STATEMENT_TOO_COMPLEX"
	// Unreadable means that the PDF is damaged.
	Unreadable = "STATEMENT_UNREADABLE"
	// Unproven means that the rows do not add up to the printed balances.
	Unproven = "STATEMENT_UNPROVEN"
)

// Jobs are the jobs that read statements.
type Jobs = jobs.Jobs[Statement]

// Open returns the jobs for a function that declares jobs.AwaitPermissions or jobs.SettlePermissions.
func Open(resources *function.Resources) *Jobs { return jobs.Open[Statement](resources, kind) }

// Statement is what was read of a bank statement. A statement of an unknown layout has no transactions.
type Statement struct {
	// Issuer is the bank's name, AccountIdentifier the account number or a card's last digits. PeriodStart and
	// PeriodEnd are days, YYYY-MM-DD. Each is nil where the statement does not say it.
	Issuer            *string       `json:"issuer"`
	AccountIdentifier *string       `json:"accountIdentifier"`
	PeriodStart       *string       `json:"periodStart"`
	PeriodEnd         *string       `json:"periodEnd"`
	Transactions      []Transaction `json:"transactions"`
}

// Transaction is a row of a statement.
type Transaction struct {
	// Date is the printed day, YYYY-MM-DD.
	Date string `json:"date"`
	// Merchant is the merchant or payee as users read it, Description the printed text.
	Merchant    string `json:"merchant"`
	Description string `json:"description,omitempty"`
	// Amount is negative for a debit.
	Amount money.Amount `json:"amount"`
	// Type is debit or credit.
	Type string `json:"type"`
	// Category is a word of categories.CSVRows, or empty where the text says none.
	Category string `json:"category,omitempty"`
}

// Identity is what makes two files the same statement: their bank, account and period. Its texts are private:
// store a keyed hash of them.
type Identity struct{ Issuer, AccountIdentifier, PeriodStart, PeriodEnd *string }

// Identity returns the statement's.
func (s Statement) Identity() Identity {
	return Identity{s.Issuer, s.AccountIdentifier, s.PeriodStart, s.PeriodEnd}
}

// HashPurpose is the purpose of the keyed hash of identities.
const HashPurpose = "statement"

// Parts returns the texts to hash.
func (i Identity) Parts() []string {
	var parts []string
	for _, text := range []*string{i.Issuer, i.AccountIdentifier, i.PeriodStart, i.PeriodEnd} {
		if text == nil {
			text = new(string)
		}
		parts = append(parts, *text)
	}
	return parts
}

// OtherBank is the code of a bank without one.
const OtherBank = "generic"

// codes are the codes of the banks whose files the app reads. A code is the first word of the bank's name in lower case,
// so that a statement and a file of one bank are compared.
var codes = []string{
	"monzo", "starling", "barclays", "hsbc", "lloyds", "natwest", "santander", "nationwide", "halifax", "tsb", "revolut", "chase",
}

// BankOf returns the code of the bank that an issuer's name begins with, or OtherBank. The files of a bank without a code
// have OtherBank too.
func BankOf(issuer string) string {
	name, _, _ := strings.Cut(strings.ToLower(issuer), " ")
	if slices.Contains(codes, name) {
		return name
	}
	return OtherBank
}
