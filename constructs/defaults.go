package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// removalPolicy returns DESTROY for a disposable resource. Others are retained, except
// when the deployment that creates them fails: they are empty then, and their names
// would block the next try.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
func removalPolicy(disposable bool) awscdk.RemovalPolicy {
	if disposable {
		return awscdk.RemovalPolicy_DESTROY
	}
	return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
}

// tableRemovalPolicy returns DESTROY for a disposable table and RETAIN for all others.
// A table with deletion protection refuses the deletion by a rollback, which would
// leave the stack in ROLLBACK_FAILED.
func tableRemovalPolicy(disposable bool) awscdk.RemovalPolicy {
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

// boolOrNil returns nil for false, which CDK takes for "not set".
func boolOrNil(b bool) *bool {
	if !b {
		return nil
	}
	return jsii.Bool(true)
}
