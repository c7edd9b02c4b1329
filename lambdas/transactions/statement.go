package transactions

import (
	"github.com/expenzez/infrastructure/lambdas/money"
)

// statementJobs is the kind of the jobs that read statements. Their ids are the keys of
// the uploads.
const statementJobs = "statement"

// Why a statement cannot be read. The codes are stored with the jobs.
const (
	statementMissing  = "STATEMENT_NOT_FOUND"
	statementTooLarge = "STATEMENT_TOO_LARGE"
	statementNotPDF   = "STATEMENT_NOT_PDF"
)

// statement is what was read of a bank statement. A PDF of a bank whose layout is not
// known has no issuer and no transactions.
type statement struct {
	Issuer            *string                `json:"issuer"`
	AccountIdentifier *string                `json:"accountIdentifier"`
	PeriodStart       *string                `json:"periodStart"`
	PeriodEnd         *string                `json:"periodEnd"`
	Transactions      []statementTransaction `json:"transactions"`
}

// statementTransaction is a row of a statement. The date is YYYY-MM-DD.
type statementTransaction struct {
	Date        string       `json:"date"`
	Merchant    string       `json:"merchant"`
	Description string       `json:"description,omitempty"`
	Amount      money.Amount `json:"amount"`
	Type        string       `json:"type"`
	Category    string       `json:"category,omitempty"`
}
