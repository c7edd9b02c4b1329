package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// deploySession outlasts a deployment and the time for which a release is watched.
const deploySession = 4 * time.Hour

// newDelivery makes the roles that workflows of the stage's repository assume: one that
// deploys for jobs of the environment with the stage's name, which reviewers approve, and
// one that reads for jobs of the environment STAGE-read.
func newDelivery(stack awscdk.Stack, cfg config.Config, storage *constructs.DataKey) {
	provider := constructs.NewGitHubProvider(stack, "GitHub")
	regions := []string{cfg.Region, constructs.EdgeRegion}
	deploy := constructs.NewGitHubDeployRole(stack, "DeployRole", &constructs.GitHubDeployRoleProps{
		Name: cfg.PhysicalName(config.DeployRole), Repository: cfg.Delivery.Repository, Environment: cfg.Stage,
		Access: constructs.GitHubDeploy, Regions: regions, Provider: provider, SessionDuration: deploySession,
		Releases: &constructs.ReleaseAccess{
			Prefix: cfg.PhysicalName(""),
			TableARN: *stack.FormatArn(&awscdk.ArnComponents{
				Service: jsii.String("dynamodb"), Resource: jsii.String("table"), ResourceName: jsii.String(cfg.PhysicalName(config.ReleasesTable)),
			}),
			KeyARN: *storage.Key.KeyArn(),
		},
	})
	policy.Accept(deploy, "AwsSolutions-IAM5", "A release moves the aliases of every function of the stage, and deployments add functions.")
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
}
