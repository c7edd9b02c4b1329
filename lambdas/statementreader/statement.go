package statementreader

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/statements"
)

const (
	// maxText is how many characters of a text are taken, as POST /transactions/import-statement takes them.
	maxText = 500
	// maxName is the same for a merchant's name.
	maxName = 200
	// maxResponse bounds the response of POST /transactions/parse-statement in bytes. A function returns 6 MB at
	// most, with its body as a JSON string.
	maxResponse = 5 << 20
	// noText stands for the merchant of a row without a text.
	noText = "Transaction"
)

// statementOf returns what the pages of a statement say. A statement of an unknown layout has no transactions,
// which the app shows as a bank that is not supported.
func statementOf(ctx context.Context, pages []pdftext.Page) (result statementjob.Statement, err error) {
	defer func() {
		if recover() != nil { // what the panic says may have a text of the file
			err = errFault
		}
	}()
	result.Transactions = []statementjob.Transaction{}
	read, err := statements.Read(ctx, pages)
	if errors.Is(err, statements.ErrUnknownLayout) {
		return result, nil
	}
	if err != nil {
		return result, err
	}
	result.Issuer, result.AccountIdentifier = filled(read.Issuer), filled(cmp.Or(read.Account, placeholder(read)))
	result.PeriodStart, result.PeriodEnd = day(read.Start), day(read.End)
	for _, row := range read.Rows {
		if row.Amount.IsZero() { // such as the check of a card
			continue
		}
		if ctx.Err() != nil {
			return result, context.Cause(ctx)
		}
		result.Transactions = append(result.Transactions, transactionOf(row))
	}
	if size := sizeOf(result); size > maxResponse {
		return result, fmt.Errorf("%w: the response would have %d bytes", errTooLong, size)
	}
	return result, nil
}

// placeholder returns what stands for the account where none was found, if the bank has no code. Without it, equal rows
// of two such banks would be one payment. It is the same for all statements of a bank's layout.
func placeholder(read statements.Statement) string {
	if statementjob.BankOf(read.Issuer) != statementjob.OtherBank {
		return ""
	}
	sum := sha256.Sum256([]byte(read.Issuer + "\n" + read.Origin))
	return "layout " + hex.EncodeToString(sum[:4])
}

func transactionOf(row statements.Row) statementjob.Transaction {
	text := strings.Join(strings.Fields(strings.Join(row.Lines, " ")), " ")
	t := statementjob.Transaction{
		Date: row.Date.Format(time.DateOnly), Description: first(maxText, text), Merchant: cmp.Or(first(maxName, merchants.Name(text)), row.Code, noText),
		Amount: row.Amount, Type: "credit",
	}
	if row.Amount.Sign() < 0 {
		t.Type = "debit"
	}
	if category, known := merchants.Category(text); known {
		t.Category = category.In(categories.CSVRows)
	}
	return t
}

// first returns the first n characters of a text.
func first(n int, text string) string {
	if runes := []rune(text); len(runes) > n {
		return strings.TrimSpace(string(runes[:n]))
	}
	return text
}

func filled(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func day(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	return filled(at.Format(time.DateOnly))
}

// sizeOf returns how many bytes a statement has in a function's response: each quote and backslash of its JSON has
// a backslash in front.
func sizeOf(statement statementjob.Statement) int {
	text, err := json.Marshal(statement)
	if err != nil {
		return maxResponse + 1
	}
	return len(text) + strings.Count(string(text), `"`) + strings.Count(string(text), `\`)
}
