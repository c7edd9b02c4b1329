package transient

import (
	"errors"

	"github.com/aws/smithy-go"
)

// quotaErrors say that a quota of a user, a resource or an account is used up. The SDK
// takes the first for a throttle and repeats the request for seconds, in vain, and only
// where there is a user whose quota it is.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html#API_ForgotPassword_Errors
var quotaErrors = map[string]bool{
	"LimitExceededException":         true,
	"TooManyFailedAttemptsException": true,
	"ServiceQuotaExceededException":  true,
}

// IsQuotaExceeded reports whether a service refused a request because a quota is used up.
// Such a request is not repeated: the quota is used up for minutes or longer.
func IsQuotaExceeded(err error) bool {
	var exception smithy.APIError
	return errors.As(err, &exception) && quotaErrors[exception.ErrorCode()]
}
