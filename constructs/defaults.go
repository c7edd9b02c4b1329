package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// removalPolicy returns DESTROY for a disposable resource and RETAIN for all
// others.
func removalPolicy(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN
}

// stringOrNil returns nil for "", which CDK takes for "not set".
func stringOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
}

// numberOrNil returns nil for 0, which CDK takes for "not set".
func numberOrNil(n int) *float64 {
	if n == 0 {
		return nil
	}
	return jsii.Number(n)
}
