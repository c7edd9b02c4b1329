package applock

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "applock",
	Stack:     function.StackAuth,
	Functions: []*function.Function{PIN, Preferences},
}
