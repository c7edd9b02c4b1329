package profile

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "profile",
	Stack:     function.StackAuth,
	Functions: []*function.Function{Profile, UserData, Progress},
}
