package imports

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expenzez/infrastructure/lambdas/internal/calendar"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/importidentity"
	"github.com/expenzez/infrastructure/lambdas/internal/merchants"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// File is the rows that a client sends of one file.
type File struct {
	// Source is transactionstore.CSV or transactionstore.Statement.
	Source string
	// Bank is the code of the bank, such as "monzo", and BankName its name.
	Bank, BankName string
	// AccountNumber is the number of the account, or empty where the file does not say it.
	// Equal rows of two accounts of a bank are two payments.
	AccountNumber string
	Rows          []Row
}

// scope is what equal rows must have in common to be one payment.
func (f File) scope() string {
	if f.AccountNumber == "" {
		return f.Bank
	}
	return f.Bank + "/" + f.AccountNumber
}

// Row is a row of a file.
type Row struct {
	At time.Time
	// Amount is negative for a debit.
	Amount      money.Amount
	Description string
	// Merchant is what the client made of the description, or empty.
	Merchant string
	Category categories.Code
}

// identities returns the rows as their identities need them.
func (f File) identities() []importidentity.Row {
	moments := make([]time.Time, len(f.Rows))
	for i, row := range f.Rows {
		moments[i] = row.At
	}
	rows := make([]importidentity.Row, len(f.Rows))
	for i, day := range importidentity.Days(moments, calendar.Location()) {
		rows[i] = importidentity.Row{Day: day, Amount: f.Rows[i].Amount, Text: f.Rows[i].Description}
	}
	return rows
}

// ID identifies the content of the file: the same rows in any order, with other signs,
// categories and ids of the client, are the same file.
func (f File) ID() string {
	lines := make([]string, len(f.Rows))
	for i, row := range f.identities() {
		lines[i] = fmt.Sprintf("%s %s %q", row.Day, row.Amount.Abs(), merchants.Fold(row.Text))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(f.Bank + "\n" + strings.Join(lines, "\n")))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// period returns the first and the last day of rows.
func period(rows []importidentity.Row) (from, to dates.Day) {
	for _, row := range rows {
		if from == "" || row.Day < from {
			from = row.Day
		}
		to = max(to, row.Day)
	}
	return from, to
}
