package budgets

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "budgets",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{List, Edit, Alerts},
}

// freeBudgets is how many budgets the free plan has, the monthly one counted.
const freeBudgets = 3

var (
	errNoBudget = apierror.New(http.StatusNotFound, "BUDGET_NOT_FOUND", "There is no such budget.")
	errTooMany  = apierror.New(http.StatusUnprocessableEntity, "BUDGET_LIMIT_REACHED", "The free plan has 3 budgets. Please delete one, or upgrade to add more.")
)
