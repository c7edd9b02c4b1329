package lambdaruntime

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/expenzez/infrastructure/lambdas/internal/transient"
)

// newRetryer returns the SDK's standard retryer, with one difference: it does not
// retry a request whose quota is used up.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(neverRetryQuota)}, o.Retryables...)
	})
}

// neverRetryQuota tells the SDK not to retry a request whose quota is used up. It
// leaves every other error to the SDK.
func neverRetryQuota(err error) aws.Ternary {
	if transient.IsQuotaExceeded(err) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}
