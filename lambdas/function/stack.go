package function

// Stack names the CloudFormation stack that a domain's functions are part of. The
// physical name adds the project and the stage.
type Stack string

// The stacks that hold functions. Package stacks builds them in this order; a stack
// without a domain is left out.
const (
	// StackCore has the functions that the user pool calls and the functions that
	// rotate secrets. It comes before the API, so its functions have no routes.
	StackCore Stack = "core"
	// StackAPI has the HTTP API and the routes that need no domain.
	StackAPI           Stack = "api"
	StackAuth          Stack = "auth"
	StackTransactions  Stack = "transactions"
	StackAI            Stack = "ai"
	StackNotifications Stack = "notifications"
)
