package notifications

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "notifications",
	Stack:     function.StackNotifications,
	Functions: []*function.Function{Feed, Inbox, Settings, Push, Digest, Email, Unsubscribe},
}
