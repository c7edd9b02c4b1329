package lambdaruntime

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/expenzez/infrastructure/lambdas/internal/transient"
)

// newRetryer returns how every client of AWS repeats requests: as the SDK does, but for
// quotas.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(neverRetryQuota)}, o.Retryables...)
	})
}

// neverRetryQuota keeps a request from being repeated whose quota is used up, and leaves
// every other error to the SDK.
func neverRetryQuota(err error) aws.Ternary {
	if transient.IsQuotaExceeded(err) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}
