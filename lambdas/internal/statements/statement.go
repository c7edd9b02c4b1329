package statements

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/pdftext"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// The errors of Read. What they say has no text of the file, so that it may be logged.
var (
	// ErrUnknownLayout means that no layout fits the file: it is no statement, or that of an unknown bank.
	ErrUnknownLayout = errors.New("the statement has an unknown layout")
	// ErrUnproven means that the rows and the balances of the statement disagree.
	ErrUnproven = errors.New("the statement does not add up")
	// ErrTooLong means that a page has too many lines, or the statement too many rows.
	ErrTooLong = errors.New("the statement is too long")
)

// Statement is what a bank statement says.
type Statement struct {
	// Issuer is the bank's name as users know it. It is empty for an unknown bank.
	Issuer string
	// Origin is what tells the statements of an unknown bank from those of others: its sort code and its headings. It is
	// empty for a known layout.
	Origin string
	// Account is the account number, or the last digits of a card. It is empty if none was found.
	Account string
	// Start and End are the first and the last day of the period. They are those of the rows if the statement
	// names none, and zero without rows.
	Start, End time.Time
	// Rows are the transactions in pounds, oldest first within an account.
	Rows []Row
}

// Row is one transaction.
type Row struct {
	// Date is the day that the statement prints, at midnight UTC.
	Date time.Time
	// Code is the bank's code of the type of transaction, such as DD. Most banks print none.
	Code string
	// Lines are the printed lines of the text.
	Lines []string
	// Amount is negative for money out.
	Amount money.Amount
}

const (
	// maxLines is how many lines a page may have. Small print has 150.
	maxLines = 1_000
	// maxRows is how many rows a statement may have, as POST /transactions/import-statement takes them.
	maxRows = 30_000
)

// Read returns what a statement says. It returns an error of the package for a statement that it cannot read in whole,
// and the cause of the context's end if the context ends before.
func Read(ctx context.Context, pages []pdftext.Page) (Statement, error) {
	for i, page := range pages {
		if len(page.Lines) > maxLines {
			return Statement{}, fmt.Errorf("%w: page %d has %d lines", ErrTooLong, i+1, len(page.Lines))
		}
	}
	fitting := layoutsOf(pages)
	if len(fitting) == 0 {
		return readUnknown(ctx, pages)
	}
	var refused error
	for _, layout := range fitting {
		statement, err := readWith(ctx, layout, pages)
		if err == nil { // the bank may be a brand of the one whose layout it has
			statement.Issuer = issuerOf(layout.textOutside(pages[0]), append(slices.Clone(withoutLayout), layout.named()))
			return statement, nil
		}
		refused = cmp.Or(refused, err)
	}
	return Statement{}, refused
}

// readWith reads a statement of a known layout.
func readWith(ctx context.Context, l *layout, pages []pdftext.Page) (Statement, error) {
	return readIn(ctx, l, pages, periodOf(pages))
}

// readIn reads a statement of a known layout and period.
func readIn(ctx context.Context, l *layout, pages []pdftext.Page, p period) (Statement, error) {
	sections, err := readSections(ctx, l, pages, p)
	if err != nil {
		return Statement{}, err
	}
	statement := Statement{Issuer: l.issuer, Account: accountOf(pages), Start: p.start, End: p.end}
	for _, s := range sections {
		if s.foreign {
			continue
		}
		if err := s.prove(l); err != nil {
			return Statement{}, err
		}
		for _, row := range s.rows {
			statement.Rows = append(statement.Rows, row.Row)
		}
	}
	statement.setPeriod()
	return statement, nil
}

// setPeriod takes the period from the rows where the statement names none.
func (s *Statement) setPeriod() {
	if !s.Start.IsZero() {
		return
	}
	for _, row := range s.Rows {
		if s.Start.IsZero() || row.Date.Before(s.Start) {
			s.Start = row.Date
		}
		if row.Date.After(s.End) {
			s.End = row.Date
		}
	}
}
