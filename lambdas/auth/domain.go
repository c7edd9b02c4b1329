package auth

import "github.com/expenzez/infrastructure/lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:  "auth",
	Stack: function.StackAuth,
	Functions: []*function.Function{
		Register, Verification, UserStatus, Login, AppleLogin, GoogleLogin, Refresh, Password, ForgotUsername, DeleteAccount,
		CleanupUnconfirmed, Recovery,
	},
}

// waitingMB is the memory of a function that mostly waits for Cognito and SES: more would
// make it dearer and no faster (docs/sizes.md).
const waitingMB = 256
