package achievements

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "achievements",
	Stack:     function.StackTransactions,
	Functions: []*function.Function{Goals, Transactions, List},
}
