package ai

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "ai",
	Stack:     function.StackAI,
	Functions: []*function.Function{Assistant, ChatHistory},
}
