package transient

import (
	"errors"

	"github.com/aws/smithy-go"
)

// quotaErrors are the codes for a used-up quota of a user, a resource or an account.
// The SDK takes the first for a throttle, and would retry for seconds without
// success. That delay would also reveal that the user exists.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html#API_ForgotPassword_Errors
var quotaErrors = map[string]bool{
	"LimitExceededException":         true,
	"TooManyFailedAttemptsException": true,
	"ServiceQuotaExceededException":  true,
}

// IsQuotaExceeded reports whether a service refused a request because a quota is used
// up. Such a request is not retried: the quota stays used up for minutes or longer.
func IsQuotaExceeded(err error) bool {
	var exception smithy.APIError
	return errors.As(err, &exception) && quotaErrors[exception.ErrorCode()]
}
