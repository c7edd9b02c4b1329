package bills

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "bills",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{List, Edit, Detect},
}

var (
	errNoPreference = apierror.New(http.StatusNotFound, "BILL_PREFERENCE_NOT_FOUND", "There is no such preference.")
	errNoExclusion  = apierror.New(http.StatusNotFound, "BILL_EXCLUSION_NOT_FOUND", "No bill of this merchant is excluded.")
	errNoCommand    = apierror.New(http.StatusUnprocessableEntity, "BILL_COMMAND_INCOMPLETE", "Please say what to change about the bill.")
)
