package transactions

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// csvRequest is the rows of a file that the app has read. Each row is read by itself, so
// that a row that cannot be imported stops no other.
type csvRequest struct {
	Transactions []json.RawMessage `json:"transactions" validate:"required,max=30000"`
	Bank         *bankRequest      `json:"bank"`
}

type bankRequest struct {
	ID   string `json:"id" validate:"required,oneof=monzo starling barclays hsbc lloyds natwest santander nationwide halifax tsb revolut chase generic"`
	Name string `json:"name" validate:"required,max=100,plaintext"`
}

// csvRow is a row. The client's id is no key: two devices make the same ids.
type csvRow struct {
	ID             string        `json:"id" validate:"required,max=200"`
	Date           string        `json:"date" validate:"required,instant"`
	Description    *string       `json:"description" validate:"required,min=1,max=500,plaintext"`
	Merchant       string        `json:"merchant" validate:"max=200,plaintext"`
	Amount         *money.Amount `json:"amount" validate:"required,gte=-1000000000,lte=1000000000"`
	OriginalAmount *money.Amount `json:"originalAmount" validate:"required,gte=-1000000000,lte=1000000000"`
	Category       *string       `json:"category" validate:"required,max=50"`
	Type           string        `json:"type" validate:"required,oneof=debit credit"`
}

// file returns the rows that can be imported, and why the others cannot.
func (r csvRequest) file() (imports.File, []string) {
	file := imports.File{Source: transactionstore.CSV, Bank: statementjob.OtherBank}
	if r.Bank != nil {
		file.Bank, file.BankName = r.Bank.ID, r.Bank.Name
	}
	var failed []string
	file.Rows, failed = readRows(r.Transactions, readRow)
	return file, failed
}

// readRows returns the rows that can be imported, and why the others cannot.
func readRows(texts []json.RawMessage, read func(json.RawMessage) (imports.Row, error)) (rows []imports.Row, failed []string) {
	for n, text := range texts {
		row, err := read(text)
		if err != nil {
			failed = append(failed, fmt.Sprintf("Row %d: %s", n+1, reason(err)))
			continue
		}
		rows = append(rows, row)
	}
	return rows, failed
}

// Why a row cannot be imported, for the user.
const (
	reasonNoAmount = "An amount of zero is no payment."
	reasonNoRow    = "This is no row of a file."
)

var errNoAmount = errors.New("the amount of a row is zero")

// reason returns why a row cannot be imported, without its content.
func reason(err error) string {
	var problems validation.Problems
	switch {
	case errors.As(err, &problems):
		return problems.Error()
	case errors.Is(err, errNoAmount):
		return reasonNoAmount
	}
	return reasonNoRow
}

// readRow reads a row. The sign follows the type: rows that were edited on the device
// are positive, whatever their type.
func readRow(text json.RawMessage) (imports.Row, error) {
	var row csvRow
	if err := json.Unmarshal(text, &row); err != nil {
		return imports.Row{}, err
	}
	if row.Description != nil {
		*row.Description = readable(*row.Description)
	}
	row.Merchant = readable(row.Merchant)
	if err := validation.New().Check(&row); err != nil {
		return imports.Row{}, err
	}
	at, err := dates.ParseInstant(row.Date)
	if err != nil {
		return imports.Row{}, err
	}
	amount, err := signed(*row.Amount, row.Type)
	return imports.Row{At: at, Amount: amount, Description: *row.Description, Merchant: row.Merchant, Category: categories.Parse(*row.Category)}, err
}

// signed returns an amount with the sign of its type, or errNoAmount for zero.
func signed(amount money.Amount, kind string) (money.Amount, error) {
	if amount.IsZero() {
		return amount, errNoAmount
	}
	if kind == debit {
		return amount.Abs().Neg(), nil
	}
	return amount.Abs(), nil
}

// tag is the beginning of what an HTML parser takes for a tag.
var tag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<([A-Za-z/!?])`) })

// readable returns a text of a bank without control characters, which some files have
// between columns and at the ends of lines, and without tags: "<INV-1>" becomes
// "< INV-1>". A row is not refused for what the bank wrote.
func readable(text string) string {
	return tag().ReplaceAllString(strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == '\u200b' || r == '\ufeff':
			return -1
		}
		return r
	}, text)), "< $1")
}

// maxReasons is how many reasons are returned. The rest is counted.
const maxReasons = 100

func firstReasons(failed []string) []string {
	if len(failed) <= maxReasons {
		return failed
	}
	return append(failed[:maxReasons:maxReasons], fmt.Sprintf("%d more rows cannot be imported.", len(failed)-maxReasons))
}

var errNoRows = apierror.New(http.StatusUnprocessableEntity, "NO_ROWS", "The file has no transactions.")
