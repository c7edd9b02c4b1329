package statementreader

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the function of this package.
var Domain = function.Domain{
	Name:      "statementreader",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{Read},
}
