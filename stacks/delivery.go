package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// newDelivery makes the roles that workflows of the stage's repository assume: two for
// jobs of the environment with the stage's name, which reviewers approve, and one that
// reads for jobs of the environment STAGE-read.
func newDelivery(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) {
	provider := constructs.NewGitHubProvider(stack, "GitHub")
	regions := []string{cfg.Region, constructs.EdgeRegion}
	deploy := constructs.NewGitHubDeployRole(stack, "DeployRole", &constructs.GitHubDeployRoleProps{
		Name: cfg.PhysicalName(config.DeployRole), Repository: cfg.Delivery.Repository, Environment: cfg.Stage,
		Access: constructs.GitHubDeploy, Regions: regions, Provider: provider,
	})
	read := &constructs.GitHubDeployRoleProps{
		Name: cfg.PhysicalName(config.ReadRole), Repository: cfg.Delivery.Repository, Environment: cfg.ReadEnvironment(),
		Regions: regions, Provider: provider,
	}
	if cfg.Delivery.Mailbox {
		mailbox := newTestMailbox(stack, cfg, storage)
		read.Grants = append(read.Grants, mailbox.AllowList(config.MailPrefix), mailbox.AllowRead(config.MailPrefix))
	}
	reader := constructs.NewGitHubDeployRole(stack, "ReadRole", read)
	if cfg.Delivery.Mailbox {
		policy.Accept(reader, "AwsSolutions-IAM5", "SES names an object when an e-mail arrives, so the policy can name their prefix only.")
	}
	for _, role := range []*constructs.GitHubDeployRole{deploy, reader} {
		policy.Accept(role, "NIST.800.53.R5-IAMNoInlinePolicy",
			"The policy belongs to one role and is deleted with it; a managed policy could be attached to other roles.")
	}
	newReleaseRole(stack, cfg, provider, deploy)
}

// newReleaseRole makes the role that shifts and takes back the aliases of the stage's
// functions (docs/releases.md). It trusts the same jobs as the role that deploys. Its
// session outlasts the time for which a release is watched.
func newReleaseRole(stack awscdk.Stack, cfg config.Config, provider awsiam.IOidcProvider, deploy *constructs.GitHubDeployRole) {
	const issuer = "token.actions.githubusercontent.com"
	role := awsiam.NewRole(stack, jsii.String("ReleaseRole"), &awsiam.RoleProps{
		RoleName:           jsii.String(cfg.PhysicalName(config.ReleaseRole)),
		Description:        jsii.String("Releases functions for " + deploy.Subject()),
		MaxSessionDuration: awscdk.Duration_Hours(jsii.Number(3)),
		AssumedBy: awsiam.NewOpenIdConnectPrincipal(provider, &map[string]any{
			"StringEquals": map[string]any{issuer + ":aud": "sts.amazonaws.com", issuer + ":sub": deploy.Subject()},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Release": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: releaseStatements(stack, cfg)}),
		},
	})
	policy.Accept(role, policy.Wildcard,
		"A release shifts every function of the stage, whose names begin with the stage's; alarms, metrics and the list of stacks have no resource to name.")
	acceptInlineRole(role, "A release shifts every function of the stage; alarms, metrics and the list of stacks have no resource to name.")
}

func releaseStatements(stack awscdk.Stack, cfg config.Config) *[]awsiam.PolicyStatement {
	arn := func(service, resource, name string, format awscdk.ArnFormat) string {
		return *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(cfg.PhysicalName(name)), ArnFormat: format,
		})
	}
	statement := func(sid, resource string, actions ...string) awsiam.PolicyStatement {
		return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource),
		})
	}
	return &[]awsiam.PolicyStatement{
		statement("ShiftAliases", arn("lambda", "function", "*", awscdk.ArnFormat_COLON_RESOURCE_NAME),
			"lambda:GetAlias", "lambda:UpdateAlias", "lambda:ListVersionsByFunction"),
		// The ARN has a version, so that no function itself can be deleted.
		statement("DeleteVersions", arn("lambda", "function", "*:*", awscdk.ArnFormat_COLON_RESOURCE_NAME), "lambda:DeleteFunction"),
		statement("ReadResources", arn("cloudformation", "stack", "*/*", awscdk.ArnFormat_SLASH_RESOURCE_NAME), "cloudformation:ListStackResources"),
		// These actions know no resources, or list all.
		statement("ReadState", "*", "cloudformation:DescribeStacks", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"),
		statement("KeepRecords", arn("dynamodb", "table", "Releases", awscdk.ArnFormat_SLASH_RESOURCE_NAME), "dynamodb:GetItem", "dynamodb:PutItem"),
	}
}
