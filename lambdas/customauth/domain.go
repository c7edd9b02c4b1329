package customauth

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "customauth",
	Stack:     function.StackCore, // which has the user pool and the secret (docs/decisions/0013)
	Functions: []*function.Function{Challenge, Rotation},
}
