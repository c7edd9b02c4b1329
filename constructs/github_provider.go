package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
const (
	gitHubIssuer   = "token.actions.githubusercontent.com"
	gitHubAudience = "sts.amazonaws.com"
)

// NewGitHubProvider makes the account's identity provider for GitHub Actions. An
// account has at most one, and IAM refuses a second. It uses CloudFormation's own
// resource. CDK's older OpenIdConnectProvider would deploy a function. IAM checks
// GitHub's certificate with its own list of authorities, so there is no thumbprint
// to maintain.
func NewGitHubProvider(scope constructs.Construct, id string) awsiam.OidcProviderNative {
	return awsiam.NewOidcProviderNative(scope, jsii.String(id), &awsiam.OidcProviderNativeProps{
		Url:       jsii.String("https://" + gitHubIssuer),
		ClientIds: jsii.Strings(gitHubAudience),
	})
}

// existingGitHubProvider returns the account's provider by its ARN, which follows
// from the provider's URL.
func existingGitHubProvider(scope constructs.Construct) awsiam.IOidcProvider {
	stack := awscdk.Stack_Of(scope)
	arn := fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", *stack.Partition(), *stack.Account(), gitHubIssuer)
	return awsiam.OidcProviderNative_FromOidcProviderArn(scope, jsii.String("Provider"), jsii.String(arn))
}
