package customauth

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "customauth",
	Functions: []*function.Function{Challenge, Rotation},
}
