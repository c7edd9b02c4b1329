package applock

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "applock",
	Functions: []*function.Function{PIN, Preferences},
}
