package constructs

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GitHubAccess says what a workflow may do with CDK.
type GitHubAccess string

const (
	// GitHubDiff reads the deployed templates: cdk diff --method=template.
	GitHubDiff GitHubAccess = "diff"
	// GitHubDeploy deploys: cdk deploy.
	GitHubDeploy GitHubAccess = "deploy"
)

// GitHubDeployRoleProps are the props of NewGitHubDeployRole.
type GitHubDeployRoleProps struct {
	// Name is the role's physical name, by which workflows refer to it. 1 to 64
	// letters, digits, and _ - + = , . @. Required.
	Name string
	// Repository is the repository as owner/name in GitHub's spelling. IAM compares
	// upper and lower case. Required.
	Repository string
	// OwnerID is the numeric id of the repository's owner, if GitHub includes it in
	// the subject. GitHub includes it for repositories that were created or renamed
	// since 15 July 2026, and for repositories that opted in. Goes with
	// RepositoryID. Default: none, the subject has names only.
	// https://docs.github.com/en/actions/reference/security/oidc
	OwnerID string
	// RepositoryID is the repository's numeric id. With it, an attacker who takes
	// over the repository's name cannot assume the role. Goes with OwnerID.
	// Default: none.
	RepositoryID string
	// Branch trusts workflows on this branch that run in no environment. Exactly
	// one of Branch, Environment and PullRequests is required. Default: none.
	Branch string
	// Environment trusts jobs of this GitHub environment. The environment's
	// protection rules decide which branches and reviewers it needs. Default: none.
	Environment string
	// PullRequests trusts workflows that run for pull requests. Access must then be
	// GitHubDiff. Default: false.
	PullRequests bool
	// Access is what the workflow may do. Default: GitHubDiff.
	Access GitHubAccess
	// AllowImagePublishing lets a deployment also publish container images.
	// Default: false.
	AllowImagePublishing bool
	// Releases lets the workflow also move the aliases of functions whose AliasOwner is
	// OwnedByRelease. Goes with GitHubDeploy. Default: none.
	Releases *ReleaseAccess
	// Regions are the bootstrapped regions of the account. Default: the stack's
	// region.
	Regions []string
	// Qualifier is the qualifier of CDK's bootstrap. Default: CDK's own, hnb659fds.
	Qualifier string
	// Provider is the account's identity provider for GitHub, such as
	// NewGitHubProvider returns. Default: the account's existing provider.
	Provider awsiam.IOidcProvider
	// SessionDuration is how long a session may last, in whole seconds from 1 to
	// 12 hours. Default: 1 hour.
	SessionDuration time.Duration
	// Grants are permissions of the workflow itself, such as reading the results of
	// its tests. Default: none.
	Grants []Grant
	// PermissionsBoundary limits the role further. Default: none.
	PermissionsBoundary awsiam.IManagedPolicy
}

// ReleaseAccess is what a release command needs in the stack's region.
type ReleaseAccess struct {
	// Prefix begins the names of the stacks and functions that the command releases, such
	// as "shop-prod-". Required.
	Prefix string
	// TableARN is the table that holds the state of releases. Required.
	TableARN string
	// KeyARN is the customer-managed key of the table. Default: none, the table has none.
	KeyARN string
}

// GitHubDeployRole is a role that workflows of one GitHub repository assume without
// a stored secret. It trusts one branch, one environment, or pull requests. It can
// assume the roles of CDK's bootstrap, which do the work. GitHubDeploy may
// assume the deployment roles, and the image role with AllowImagePublishing.
// GitHubDiff may assume only the lookup role. The role itself has its Grants. With
// Releases it may also move aliases, delete versions, and read stacks, alarms and metrics.
//
// The role is guarded: synthesis fails if a managed policy or an unexplained
// wildcard is attached to it.
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
		InlinePolicies: p.policies(awscdk.Stack_Of(r)),
	})
	guardRoleSize(r.Role, "Regions", "make a role for some of the regions", func() []awsiam.Policy { return nil })
	guardRoleWith(r.Role, "grant it to the bootstrap's roles, which deploy, rather than to the role that assumes them")
	return r
}

// Subject returns the sub claim that the role trusts. Compare it with the claim
// that GitHub sends: gh api repos/<owner>/<name>/actions/oidc/customization/sub.
func (r *GitHubDeployRole) Subject() string { return r.subject }

// subject returns the sub claim that only GitHub can issue for the workflow.
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

// policies returns the role's policies by name.
func (p *GitHubDeployRoleProps) policies(stack awscdk.Stack) *map[string]awsiam.PolicyDocument {
	document := func(statements []Statement) awsiam.PolicyDocument {
		return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: policyStatements(statements)})
	}
	policies := map[string]awsiam.PolicyDocument{"BootstrapRoles": document(p.bootstrapRoles(stack))}
	if p.Releases != nil {
		policies["Releases"] = document(p.Releases.statements(stack))
	}
	if len(p.Grants) > 0 {
		policies["Grants"] = document(sidCount{}.merge(p.Grants))
	}
	return &policies
}

// bootstrapRoles returns statements that allow assuming the roles that the access
// needs, in each region. The tag condition limits them to roles that the bootstrap
// made.
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
