package transactions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/imports"
	"github.com/expenzez/infrastructure/lambdas/internal/statementjob"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// statementImportRequest is the rows of a statement that the user selected, as they were served. Nothing shows
// that they were: the user may enter any transaction.
type statementImportRequest struct {
	Transactions []json.RawMessage `json:"transactions" validate:"required,max=30000"`
	Statement    statementRequest  `json:"statement"`
}

// statementRequest says whose statement it is, as it was served.
type statementRequest struct {
	Issuer            *string `json:"issuer" validate:"omitempty,max=100,plaintext"`
	AccountIdentifier *string `json:"accountIdentifier" validate:"omitempty,max=40,plaintext"`
	PeriodStart       *string `json:"periodStart" validate:"omitempty,max=40,plaintext"`
	PeriodEnd         *string `json:"periodEnd" validate:"omitempty,max=40,plaintext"`
	Filename          *string `json:"filename" validate:"omitempty,max=255,plaintext"`
}

func (s statementRequest) identity() statementjob.Identity {
	return statementjob.Identity{Issuer: s.Issuer, AccountIdentifier: s.AccountIdentifier, PeriodStart: s.PeriodStart, PeriodEnd: s.PeriodEnd}
}

// maxBookingDelay is how far rows of a statement may lie outside of its period.
const maxBookingDelay = 31 * 24 * time.Hour

// partsWith returns what identifies the statement of a file: its identity, if the rows can be of its period. Other
// rows are a statement of their own, since clients could count all imports as one otherwise.
func (s statementRequest) partsWith(file imports.File) []string {
	parts := s.identity().Parts()
	start, noStart := dates.ParseDay(textOf(s.PeriodStart))
	end, noEnd := dates.ParseDay(textOf(s.PeriodEnd))
	outside := func(row imports.Row) bool {
		return row.At.Before(start.Add(-maxBookingDelay)) || row.At.After(end.Add(maxBookingDelay))
	}
	if noStart != nil || noEnd != nil || slices.ContainsFunc(file.Rows, outside) {
		return append(parts, file.ID())
	}
	return parts
}

// statementRow is a row of a statement.
type statementRow struct {
	Date        string        `json:"date" validate:"required,day"`
	Merchant    string        `json:"merchant" validate:"required,max=200,plaintext"`
	Description string        `json:"description" validate:"max=500,plaintext"`
	Amount      *money.Amount `json:"amount" validate:"required,gte=-1000000000,lte=1000000000"`
	Type        string        `json:"type" validate:"required,oneof=debit credit"`
	Category    string        `json:"category" validate:"max=50"`
}

// readStatementRow reads a row. Its moment is midnight in UTC, as that of most CSV files.
func readStatementRow(text json.RawMessage) (imports.Row, error) {
	var row statementRow
	if err := json.Unmarshal(text, &row); err != nil {
		return imports.Row{}, err
	}
	row.Merchant, row.Description = readable(row.Merchant), readable(row.Description)
	if err := validation.New().Check(&row); err != nil {
		return imports.Row{}, err
	}
	day, err := dates.ParseDay(row.Date)
	if err != nil {
		return imports.Row{}, err
	}
	amount, err := signed(*row.Amount, row.Type)
	return imports.Row{
		At: day, Amount: amount, Description: cmp.Or(row.Description, row.Merchant), Merchant: row.Merchant, Category: categories.Parse(row.Category),
	}, err
}

// file returns the rows that can be imported, and why the others cannot.
func (r statementImportRequest) file() (imports.File, []string) {
	issuer := textOf(r.Statement.Issuer)
	rows, failed := readRows(r.Transactions, readStatementRow)
	return imports.File{
		Source: transactionstore.Statement, Bank: statementjob.BankOf(issuer), BankName: issuer, AccountNumber: textOf(r.Statement.AccountIdentifier), Rows: rows,
	}, failed
}

type statementImportResponse struct {
	Message         string                 `json:"message"`
	AlreadyImported bool                   `json:"alreadyImported"`
	Statement       statementMetadata      `json:"statement"`
	Summary         statementImportSummary `json:"summary"`
	Errors          []string               `json:"errors,omitempty"`
}

// statementImportSummary is an importSummary with the number of rows of the request.
type statementImportSummary struct {
	Total int `json:"total"`
	importSummary
}

// ImportStatement stores the rows of a statement. The statement counts as the import that it was when its rows were
// served, so that it counts once, whatever the user selects and however often.
func (f *fileImport) ImportStatement(ctx context.Context, caller function.Caller, in statementImportRequest) (statementImportResponse, error) {
	until := f.now().Add(importTime)
	if len(in.Transactions) == 0 {
		return statementImportResponse{}, errNoRows
	}
	file, failed := in.file()
	summary := importSummary{Failed: len(failed)}
	if len(file.Rows) > 0 {
		id, err := f.statements.Hash(ctx, caller.UserID, statementjob.HashPurpose, in.Statement.partsWith(file)...)
		if err != nil {
			return statementImportResponse{}, err
		}
		if err := f.store(ctx, importing{caller, file, id, until}, &summary); err != nil {
			return statementImportResponse{}, err
		}
		if err := f.keep(ctx, caller.UserID, in.Statement, id, len(file.Rows)); err != nil {
			return statementImportResponse{}, err
		}
	}
	return statementImportResponse{
		Message: messageOf(summary), AlreadyImported: summary.Imported == 0 && summary.Failed == 0, Statement: statementMetadata(in.Statement),
		Summary: statementImportSummary{len(in.Transactions), summary}, Errors: firstReasons(failed),
	}, nil
}

// keep adds a statement to the user's list, or raises the number of its transactions. It may be done again.
func (f *fileImport) keep(ctx context.Context, userID string, of statementRequest, id string, count int) error {
	item := tables.Statement{
		UserID: userID, StatementID: id, PeriodStart: knownDay(of.PeriodStart), PeriodEnd: knownDay(of.PeriodEnd), Count: count,
		Issuer: sealedText(of.Issuer), Account: sealedText(of.AccountIdentifier), Filename: sealedText(of.Filename), ImportedAt: f.now().UnixMilli(),
	}
	err := f.statements.Create(ctx, userID, item)
	if !errors.Is(err, store.ErrConditionFailed) {
		return err
	}
	_, err = f.statements.Modify(ctx, store.Key{userID, id}, func(stored *tables.Statement) error {
		stored.Count = max(stored.Count, count)
		return nil
	})
	return store.IgnoreNotFound(err) // the user erased it meanwhile
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// knownDay returns a day, and nothing for any other text: days are stored in clear.
func knownDay(text *string) string {
	if day := textOf(text); dates.IsDay(day) {
		return day
	}
	return ""
}

func sealedText(text *string) tables.EncryptedString { return tables.EncryptedString(textOf(text)) }
