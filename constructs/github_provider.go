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
// account has at most one; IAM refuses a second. It is CloudFormation's own
// resource, not the function that CDK's older OpenIdConnectProvider deploys, and
// IAM checks GitHub's certificate by its own list of authorities, so there is no
// thumbprint to keep up to date.
func NewGitHubProvider(scope constructs.Construct, id string) awsiam.OidcProviderNative {
	return awsiam.NewOidcProviderNative(scope, jsii.String(id), &awsiam.OidcProviderNativeProps{
		Url:       jsii.String("https://" + gitHubIssuer),
		ClientIds: jsii.Strings(gitHubAudience),
	})
}

// existingGitHubProvider refers to the account's provider, whose ARN follows
// from its URL.
func existingGitHubProvider(scope constructs.Construct) awsiam.IOidcProvider {
	stack := awscdk.Stack_Of(scope)
	arn := fmt.Sprintf("arn:%s:iam::%s:oidc-provider/%s", *stack.Partition(), *stack.Account(), gitHubIssuer)
	return awsiam.OidcProviderNative_FromOidcProviderArn(scope, jsii.String("Provider"), jsii.String(arn))
}
