package insights

import (
	"context"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/transactionstore"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "insights",
	Stack:     function.StackAI,
	Functions: []*function.Function{Savings, Analytics},
}

// monthlyFigures are what users' transactions add up to. *transactionstore.Store has them.
type monthlyFigures interface {
	Months(ctx context.Context, userID, from, to string) ([]transactionstore.Month, error)
}
