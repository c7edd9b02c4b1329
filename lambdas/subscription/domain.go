package subscription

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "subscription",
	Stack:     function.StackNotifications,
	Functions: []*function.Function{Subscription},
}
