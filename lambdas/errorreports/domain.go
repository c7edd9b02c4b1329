package errorreports

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "errorreports",
	Stack:     function.StackCore,
	Functions: []*function.Function{Reporter},
}
