package transactions

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Get reads one transaction or expense.
var Get = function.Define(function.Spec[*get]{
	Name:    "transactions-get",
	Purpose: "Returns one transaction or expense of the caller.",
	New: func(resources *function.Resources) (*get, error) {
		return &get{transactionstore.OpenToRead(resources)}, nil
	},
	Routes: []function.RouteOf[*get]{
		function.SignedIn("GET /transactions/{transactionId}", (*get).Get),
		function.SignedIn("GET /expenses/{expenseId}", (*get).GetExpense),
	},
	Permissions: transactionstore.GetPermissions,
})

type get struct {
	transactions *transactionstore.Store
}

type oneTransactionResponse struct {
	Transaction transactionResponse `json:"transaction"`
}

// Get returns a transaction of the caller.
func (g *get) Get(ctx context.Context, caller function.Caller, in transactionRequest) (oneTransactionResponse, error) {
	found, err := g.transactions.Get(ctx, caller.UserID, in.ID)
	if err != nil {
		return oneTransactionResponse{}, store.AsNotFound(err, errNoTransaction)
	}
	return oneTransactionResponse{responseOf(found)}, nil
}

// GetExpense returns an expense of the caller.
func (g *get) GetExpense(ctx context.Context, caller function.Caller, in expenseRequest) (expenseResponse, error) {
	found, err := g.transactions.Get(ctx, caller.UserID, in.ID)
	if err == nil {
		err = isExpense(found)
	}
	if err != nil {
		return expenseResponse{}, store.AsNotFound(err, errNoExpense)
	}
	return expenseOf(found), nil
}
