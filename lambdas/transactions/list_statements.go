package transactions

import (
	"cmp"
	"context"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// statementsPage is how many statements are read at once. A user imports 180 a year at most.
const statementsPage = 500

// otherBank is the name of a bank whose name the statement did not say.
const otherBank = "Other bank"

type uploadedStatement struct {
	StatementID       string        `json:"statementId"`
	BankName          string        `json:"bankName"`
	AccountIdentifier *string       `json:"accountIdentifier"`
	PeriodStart       *string       `json:"periodStart"`
	PeriodEnd         *string       `json:"periodEnd"`
	PeriodMonth       *string       `json:"periodMonth"`
	TransactionCount  int           `json:"transactionCount"`
	Filename          *string       `json:"filename"`
	UploadedAt        dates.Instant `json:"uploadedAt"`
}

type statementsResponse struct {
	Statements function.List[uploadedStatement] `json:"statements"`
	Count      int                              `json:"count"`
}

// ListStatements returns the statements that the caller imported, the newest first: by the end of the period, or the
// import where the period is unknown.
func (l *list) ListStatements(ctx context.Context, caller function.Caller, _ function.NoInput) (statementsResponse, error) {
	var all []tables.Statement
	for after := ""; ; {
		page, err := l.statements.Query(ctx, store.Query{Partition: caller.UserID, Limit: statementsPage, After: after})
		if err != nil {
			return statementsResponse{}, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b tables.Statement) int {
		return cmp.Or(cmp.Compare(endOf(b), endOf(a)), cmp.Compare(b.ImportedAt, a.ImportedAt))
	})
	response := statementsResponse{Count: len(all)}
	for _, s := range all {
		response.Statements = append(response.Statements, uploadedOf(s))
	}
	return response, nil
}

// endOf returns the last day of a statement's period, or else the day of the import.
func endOf(s tables.Statement) string {
	return cmp.Or(s.PeriodEnd, string(dates.Seconds(s.ImportedAt)))
}

func uploadedOf(s tables.Statement) uploadedStatement {
	uploaded := uploadedStatement{
		StatementID: s.StatementID, BankName: cmp.Or(string(s.Issuer), otherBank), AccountIdentifier: orNil(string(s.Account)),
		PeriodStart: orNil(s.PeriodStart), PeriodEnd: orNil(s.PeriodEnd), TransactionCount: s.Count, Filename: orNil(string(s.Filename)),
		UploadedAt: dates.Seconds(s.ImportedAt),
	}
	if s.PeriodEnd != "" {
		uploaded.PeriodMonth = orNil(s.PeriodEnd[:len(dates.MonthLayout)])
	}
	return uploaded
}

func orNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
