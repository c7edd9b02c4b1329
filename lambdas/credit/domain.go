package credit

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "credit",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{Read, Edit},
}

var (
	errNoCard       = apierror.New(http.StatusNotFound, "CREDIT_CARD_NOT_FOUND", "There is no such card.")
	errNoDebt       = apierror.New(http.StatusNotFound, "DEBT_NOT_FOUND", "There is no such debt.")
	errManyCards    = apierror.New(http.StatusUnprocessableEntity, "CREDIT_CARD_LIMIT_REACHED", "You have as many cards as there can be.")
	errManyDebts    = apierror.New(http.StatusUnprocessableEntity, "DEBT_LIMIT_REACHED", "You have as many debts as there can be.")
	errManyMonths   = apierror.New(http.StatusUnprocessableEntity, "CREDIT_HISTORY_TOO_LONG", "Please enter at most 20 years of scores.")
	errImpossible   = apierror.New(http.StatusUnprocessableEntity, "INVALID_CREDIT_SCORE", "The bureau has no such score.")
	errFutureScores = apierror.New(http.StatusUnprocessableEntity, "INVALID_CREDIT_SCORE", "The month of a score has not begun.")
)
