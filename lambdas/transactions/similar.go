package transactions

import (
	"cmp"
	"context"
	"slices"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/categories"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// maxBulk is how many transactions of one merchant are found, and how many are changed,
// at once. A user who buys a coffee each working day has as many in four years.
const maxBulk = 1000

// Similar finds transactions of one merchant.
var Similar = function.Define(function.Spec[*similar]{
	Name:    "transactions-similar",
	Purpose: "Finds the caller's transactions with one merchant that have another category.",
	New: func(resources *function.Resources) (*similar, error) {
		return &similar{transactionstore.OpenToRead(resources)}, nil
	},
	Routes: []function.RouteOf[*similar]{
		function.SignedIn("GET /transactions/similar", (*similar).Find),
	},
	Permissions: transactionstore.MerchantPermissions,
})

type similar struct{ transactions *transactionstore.Store }

// similarRequest names the merchant as the app shows it, and the category that the user
// has just chosen for one of its transactions.
type similarRequest struct {
	Merchant    string `query:"merchant" json:"-" validate:"required,max=500,plaintext"`
	NewCategory string `query:"newCategory" json:"-" validate:"required,max=50,plaintext"`
	ExcludeID   string `query:"excludeId" json:"-" validate:"omitempty,max=128"`
}

type similarTransaction struct {
	ID          string        `json:"id"`
	Merchant    string        `json:"merchant"`
	Description string        `json:"description,omitempty"`
	Amount      money.Amount  `json:"amount"`
	Date        dates.Instant `json:"date"`
	Category    string        `json:"category"`
}

type similarResponse struct {
	Merchant     string                            `json:"merchant"`
	Count        int                               `json:"count"`
	Transactions function.List[similarTransaction] `json:"transactions"`
}

// Find returns the transactions of a merchant that have not the new category, the newest
// first. It reads the index by merchant, so its cost does not grow with the history.
func (s *similar) Find(ctx context.Context, caller function.Caller, in similarRequest) (similarResponse, error) {
	found, err := s.transactions.WithMerchant(ctx, caller.UserID, in.Merchant, maxBulk)
	if err != nil {
		return similarResponse{}, err
	}
	chosen := string(categories.Parse(in.NewCategory))
	var ids []string
	for _, one := range found {
		if one.TransactionID != in.ExcludeID && one.Category != chosen {
			ids = append(ids, one.TransactionID)
		}
	}
	response := similarResponse{Merchant: in.Merchant}
	if len(ids) == 0 {
		return response, nil
	}
	all, err := s.transactions.GetAll(ctx, caller.UserID, ids...)
	for _, t := range all {
		response.Transactions = append(response.Transactions, similarOf(t))
	}
	slices.SortFunc(response.Transactions, func(a, b similarTransaction) int {
		return cmp.Or(cmp.Compare(b.Date, a.Date), cmp.Compare(a.ID, b.ID))
	})
	response.Count = len(response.Transactions)
	return response, err
}

func similarOf(t *transactionstore.Transaction) similarTransaction {
	return similarTransaction{
		ID: t.TransactionID, Merchant: cmp.Or(t.Text.Merchant, t.Text.Description), Description: t.Text.Description,
		Amount: t.Amount, Date: t.Date(), Category: categories.Code(t.Category).In(categories.TransactionList),
	}
}
