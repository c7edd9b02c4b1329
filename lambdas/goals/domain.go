package goals

import (
	"net/http"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/apierror"
)

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "goals",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{List, Edit, Changes},
}

var (
	errNoGoal  = apierror.New(http.StatusNotFound, "GOAL_NOT_FOUND", "There is no such goal.")
	errTooMany = apierror.New(http.StatusUnprocessableEntity, "GOAL_LIMIT_REACHED", "You have as many goals as there can be. Please delete one to add another.")
)

const (
	// maxGoals is how many goals a user can have.
	maxGoals = 100
	// maxReadItems is how many goals a user can have by creations at the same moment.
	maxReadItems = 10 * maxGoals
)
