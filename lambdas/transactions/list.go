package transactions

import (
	"cmp"
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/sealed"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// List reads transactions, expenses and the list of statements.
var List = function.Define(function.Spec[*list]{
	Name:    "transactions-list",
	Purpose: "Lists the caller's transactions, expenses and imported statements, the newest first.",
	New: func(resources *function.Resources) (*list, error) {
		return &list{transactionstore.OpenToRead(resources), sealed.Open[tables.Statement](resources, tables.Statements)}, nil
	},
	Routes: []function.RouteOf[*list]{
		function.SignedIn("GET /transactions", (*list).List),
		function.SignedIn("GET /expenses", (*list).ListExpenses),
		function.SignedIn("GET /transactions/statements", (*list).ListStatements),
	},
	Permissions: transactionstore.ListPermissions.And(sealed.Permissions(tables.Statements, tables.Query)),
	Timeout:     listTimeout,
	MemoryMB:    oneProcessorMB,
})

type list struct {
	transactions *transactionstore.Store
	statements   *sealed.Table[tables.Statement]
}

// listRequest selects transactions. Dates are days of the calendar, both included.
type listRequest struct {
	Limit     int    `query:"limit" json:"-" validate:"gte=0"`
	StartKey  string `query:"startKey" json:"-" validate:"max=4096"`
	StartDate string `query:"startDate" json:"-" validate:"omitempty,day"`
	EndDate   string `query:"endDate" json:"-" validate:"omitempty,day"`
	Category  string `query:"category" json:"-" validate:"max=50,plaintext"`
	Type      string `query:"type" json:"-" validate:"omitempty,oneof=debit credit"`
}

func (r listRequest) filter() transactionstore.Filter {
	filter := transactionstore.Filter{From: dates.Day(r.StartDate), To: dates.Day(r.EndDate), Type: r.Type}
	if r.Category != "" {
		filter.Category = string(categories.Parse(r.Category))
	}
	return filter
}

type listResponse struct {
	Transactions function.List[transactionResponse] `json:"transactions"`
	Summary      listSummary                        `json:"summary"`
	NextKey      string                             `json:"nextKey,omitempty"`
}

// listSummary is what the transactions of the page add up to.
type listSummary struct {
	TotalAmount money.Amount `json:"totalAmount"`
	CreditTotal money.Amount `json:"creditTotal"`
	DebitTotal  money.Amount `json:"debitTotal"`
	Count       int          `json:"count"`
}

// List returns the caller's transactions, as many as are asked for and fit a response.
func (l *list) List(ctx context.Context, caller function.Caller, in listRequest) (listResponse, error) {
	page, err := l.page(ctx, caller, in.filter(), in.Limit, in.StartKey)
	if err != nil {
		return listResponse{}, err
	}
	response := listResponse{NextKey: page.Next, Transactions: make([]transactionResponse, len(page.Transactions))}
	for i, t := range page.Transactions {
		response.Transactions[i] = responseOf(t)
		response.Summary.add(t)
	}
	return response, nil
}

func (s *listSummary) add(t *transactionstore.Transaction) {
	s.Count++
	s.TotalAmount = s.TotalAmount.Add(t.Amount)
	if t.Debit() {
		s.DebitTotal = s.DebitTotal.Add(t.Amount.Abs())
	} else {
		s.CreditTotal = s.CreditTotal.Add(t.Amount)
	}
}

// page reads a page, and cuts it short where it would not fit a response.
func (l *list) page(ctx context.Context, caller function.Caller, filter transactionstore.Filter, limit int, startKey string) (transactionstore.Page, error) {
	page, err := l.transactions.List(ctx, caller.UserID, filter, min(cmp.Or(limit, defaultPageSize), maxPageSize), startKey)
	if err != nil {
		return page, err
	}
	size := 0
	for i, t := range page.Transactions {
		if size += rowSize(t); size > maxPageBytes {
			page.Transactions = page.Transactions[:i]
			page.Next, err = l.transactions.CursorAfter(filter, page.Transactions[i-1])
			return page, err
		}
	}
	return page, nil
}
