package constructs

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GitHubAccess is what a workflow may do with CDK.
type GitHubAccess string

const (
	// GitHubDiff reads what is deployed: cdk diff --method=template.
	GitHubDiff GitHubAccess = "diff"
	// GitHubDeploy deploys: cdk deploy.
	GitHubDeploy GitHubAccess = "deploy"
)

// GitHubDeployRoleProps are the props of NewGitHubDeployRole.
type GitHubDeployRoleProps struct {
	// Name is the role's physical name, which workflows write down. 1 to 64
	// letters, digits, and _ - + = , . @. Required.
	Name string
	// Repository is the repository as owner/name, in GitHub's own upper and
	// lower case, which IAM compares. Required.
	Repository string
	// OwnerID is the number of the repository's owner, where GitHub puts it into
	// the subject: for repositories made or renamed since 15 July 2026, and
	// those that opted in. Goes with RepositoryID. Default: none, the subject
	// has names only.
	// https://docs.github.com/en/actions/reference/security/oidc
	OwnerID string
	// RepositoryID is the repository's number, with which nobody can take over
	// the role by taking over the name. Goes with OwnerID. Default: none.
	RepositoryID string
	// Branch trusts workflows that run on this branch, in no environment.
	// Exactly one of Branch, Environment and PullRequests is required.
	// Default: none.
	Branch string
	// Environment trusts jobs of this GitHub environment, whose protection rules
	// say which branches and people may run them. Default: none.
	Environment string
	// PullRequests trusts workflows that run for pull requests. They may not
	// deploy. Default: false.
	PullRequests bool
	// Access is what the workflow may do. Default: GitHubDiff.
	Access GitHubAccess
	// AllowImagePublishing lets a deployment publish container images too. Default:
	// false.
	AllowImagePublishing bool
	// Regions are the bootstrapped regions of the account. Default: the stack's.
	Regions []string
	// Qualifier is the bootstrap's. Default: CDK's own, hnb659fds.
	Qualifier string
	// Provider is the account's identity provider for GitHub: one from
	// NewGitHubProvider. Default: the account's existing one.
	Provider awsiam.IOidcProvider
	// SessionDuration is how long a session may last, in whole seconds from 1 to
	// 12 hours. Default: 1 hour.
	SessionDuration time.Duration
	// PermissionsBoundary limits the role further. Default: none.
	PermissionsBoundary awsiam.IManagedPolicy
}

// GitHubDeployRole is a role that workflows of one GitHub repository assume
// without a stored secret, on one branch, in one environment, or for pull
// requests. It may do nothing but assume the roles of CDK's bootstrap, which do
// the work: all of them but the one for images to deploy, the one that reads for
// a diff.
//
// The role is guarded: a managed policy or an unexplained wildcard attached to
// it later fails the synthesis.
type GitHubDeployRole struct {
	constructs.Construct
	// Role is the role.
	Role awsiam.Role

	subject string
}

// NewGitHubDeployRole makes a GitHubDeployRole. It panics with a *PropsError on
// invalid props.
func NewGitHubDeployRole(scope constructs.Construct, id string, props *GitHubDeployRoleProps) *GitHubDeployRole {
	p := props.withDefaults(awscdk.Stack_Of(scope))
	p.validate().panicIfAny("GitHubDeployRole", scope, id)

	r := &GitHubDeployRole{subject: p.subject()}
	constructs.NewConstruct_Override(r, scope, jsii.String(id))
	provider := p.Provider
	if provider == nil {
		provider = existingGitHubProvider(r)
	}
	r.Role = awsiam.NewRole(r, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:            jsii.String(p.Name),
		Description:         jsii.String(fmt.Sprintf("CDK %s for %s", p.Access, r.subject)),
		MaxSessionDuration:  awscdk.Duration_Seconds(jsii.Number(p.SessionDuration.Seconds())),
		PermissionsBoundary: p.PermissionsBoundary,
		AssumedBy: awsiam.NewOpenIdConnectPrincipal(provider, &map[string]any{
			"StringEquals": map[string]any{
				gitHubIssuer + ":aud": gitHubAudience,
				gitHubIssuer + ":sub": r.subject,
			},
		}),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"BootstrapRoles": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
				Statements: policyStatements(p.bootstrapRoles(awscdk.Stack_Of(r))),
			}),
		},
	})
	guardRoleSize(r.Role, "Regions", "make a role for some of the regions", func() []awsiam.Policy { return nil })
	guardRoleWith(r.Role, "grant it to the bootstrap's roles, which deploy, rather than to the role that assumes them")
	return r
}

// Subject returns the sub claim the role trusts, to compare with what GitHub
// sends: gh api repos/<owner>/<name>/actions/oidc/customization/sub.
func (r *GitHubDeployRole) Subject() string { return r.subject }

// subject is what GitHub says of the workflow, and nobody else can.
func (p *GitHubDeployRoleProps) subject() string {
	switch {
	case p.Environment != "":
		return p.repository() + ":environment:" + p.Environment
	case p.PullRequests:
		return p.repository() + ":pull_request"
	default:
		return p.repository() + ":ref:refs/heads/" + p.Branch
	}
}

// bootstrapRoles allows assuming the roles that the access needs, in each
// region. The tag holds the grant to roles that the bootstrap made.
func (p *GitHubDeployRoleProps) bootstrapRoles(stack awscdk.Stack) []Statement {
	kinds := []string{"lookup"}
	if p.Access == GitHubDeploy {
		kinds = []string{"deploy", "file-publishing", "lookup"}
	}
	if p.AllowImagePublishing {
		kinds = append(kinds, "image-publishing")
	}
	statements := make([]Statement, len(kinds))
	for i, kind := range kinds {
		statements[i] = Statement{
			Sid: camelCase("Assume", kind, "role"), Actions: []string{"sts:AssumeRole"},
			Conditions: map[string]map[string][]string{"StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": {kind}}},
		}
		for _, region := range p.Regions {
			statements[i].Resources = append(statements[i].Resources, fmt.Sprintf("arn:%s:iam::%s:role/cdk-%s-%s-role-%s-%s",
				*stack.Partition(), *stack.Account(), p.Qualifier, kind, *stack.Account(), region))
		}
	}
	return statements
}
