package runtime

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// newRetryer returns how every client of AWS repeats requests: as the SDK does, but for
// quotas.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(quotaIsFinal)}, o.Retryables...)
	})
}

// quotaErrors say that a quota of a user, a resource or an account is used up. The SDK
// takes the first for a throttle and repeats the request for seconds, in vain, and only
// where there is a user whose quota it is.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html#API_ForgotPassword_Errors
var quotaErrors = map[string]bool{
	"LimitExceededException":         true,
	"TooManyFailedAttemptsException": true,
	"ServiceQuotaExceededException":  true,
}

// quotaIsFinal keeps a request from being repeated whose quota is used up, and leaves
// every other error to the SDK.
func quotaIsFinal(err error) aws.Ternary {
	var exception smithy.APIError
	if errors.As(err, &exception) && quotaErrors[exception.ErrorCode()] {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}
