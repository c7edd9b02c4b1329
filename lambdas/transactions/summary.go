package transactions

import (
	"context"
	"fmt"
	"time"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// Summary reads the monthly figures, and no transaction.
var Summary = function.Define(function.Spec[*summary]{
	Name:    "transactions-summary",
	Purpose: "Returns the caller's balance, the months with transactions, and the spending by category.",
	New: func(resources *function.Resources) (*summary, error) {
		return &summary{transactionstore.OpenFigures(resources), time.Now}, nil
	},
	Routes: []function.RouteOf[*summary]{
		function.SignedIn("GET /transactions/summary", (*summary).Get),
		function.SignedIn("POST /transactions/refresh-balance", (*summary).Refresh),
		function.SignedIn("GET /expenses/categories", (*summary).Categories),
	},
	Permissions: transactionstore.MonthsPermissions,
})

type summary struct {
	figures interface {
		Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
	}
	now func() time.Time
}

type summaryResponse struct {
	Summary balanceSummary `json:"summary"`
}

// balanceSummary is what all transactions add up to.
type balanceSummary struct {
	Balance              money.Amount          `json:"balance"`
	TotalCredit          money.Amount          `json:"totalCredit"`
	TotalDebit           money.Amount          `json:"totalDebit"`
	TransactionCount     int                   `json:"transactionCount"`
	FirstTransactionDate *dates.Day            `json:"firstTransactionDate"`
	LastTransactionDate  *dates.Day            `json:"lastTransactionDate"`
	MonthsWithData       function.List[string] `json:"monthsWithData"` // the newest first
}

// Get returns the caller's balance and the months with transactions.
func (s *summary) Get(ctx context.Context, caller function.Caller, _ function.NoInput) (summaryResponse, error) {
	months, err := s.figures.Months(ctx, caller.UserID, "", "")
	if err != nil || len(months) == 0 {
		return summaryResponse{}, err
	}
	total := balanceSummary{}
	for _, month := range months {
		total.TotalCredit = total.TotalCredit.Add(month.Credits)
		total.TotalDebit = total.TotalDebit.Add(month.Debits)
		total.TransactionCount += month.Count
		total.MonthsWithData = append(total.MonthsWithData, month.Month)
	}
	total.Balance = total.TotalCredit.Sub(total.TotalDebit)
	newest, oldest := months[0], months[len(months)-1]
	total.LastTransactionDate = dayIn(newest, newest.Days[len(newest.Days)-1])
	total.FirstTransactionDate = dayIn(oldest, oldest.Days[0])
	return summaryResponse{total}, nil
}

func dayIn(month transactionstore.Month, day int) *dates.Day {
	found := dates.Day(fmt.Sprintf("%s-%02d", month.Month, day))
	return &found
}

type balanceResponse struct {
	Balance          money.Amount  `json:"balance"`
	LastUpdated      dates.Instant `json:"lastUpdated"`
	TransactionCount int           `json:"transactionCount"`
}

// Refresh returns the balance, which is always up to date.
func (s *summary) Refresh(ctx context.Context, caller function.Caller, in function.NoInput) (balanceResponse, error) {
	found, err := s.Get(ctx, caller, in)
	return balanceResponse{found.Summary.Balance, dates.Seconds(s.now().UnixMilli()), found.Summary.TransactionCount}, err
}

type categoriesResponse struct {
	Categories  function.Map[money.Amount] `json:"categories"`
	TotalAmount money.Amount               `json:"totalAmount"`
}

// Categories returns the caller's spending by the categories of the legacy expenses.
func (s *summary) Categories(ctx context.Context, caller function.Caller, _ function.NoInput) (categoriesResponse, error) {
	months, err := s.figures.Months(ctx, caller.UserID, "", "")
	response := categoriesResponse{Categories: map[string]money.Amount{}}
	for _, month := range months {
		for code, category := range month.Categories {
			if category.Spend.IsZero() {
				continue
			}
			word := categories.Code(code).In(categories.LegacyExpenses)
			response.Categories[word] = response.Categories[word].Add(category.Spend)
			response.TotalAmount = response.TotalAmount.Add(category.Spend)
		}
	}
	return response, err
}
