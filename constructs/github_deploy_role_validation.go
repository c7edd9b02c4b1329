package constructs

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func (p *GitHubDeployRoleProps) withDefaults(stack awscdk.Stack) GitHubDeployRoleProps {
	d := valueOrZero(p)
	d.Access = orDefault(d.Access, GitHubDiff)
	d.Qualifier = orDefault(d.Qualifier, *awscdk.DefaultStackSynthesizer_DEFAULT_QUALIFIER())
	d.SessionDuration = orDefault(d.SessionDuration, time.Hour)
	if len(d.Regions) == 0 {
		d.Regions = []string{*stack.Region()}
	}
	return d
}

var (
	repositoryPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	gitHubIDPattern   = regexp.MustCompile(`^[1-9][0-9]*$`)
	// No name of git's has any of these, and * and ? are wildcards to IAM.
	// https://git-scm.com/docs/git-check-ref-format
	// IAM takes Latin-1 in a policy and in a role's description.
	// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
	branchPattern      = regexp.MustCompile(`^[^\s*?:~^\\\[\x{0000}-\x{0020}\x{0100}-\x{10FFFF}]{1,255}$`)
	environmentPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)
	qualifierPattern   = regexp.MustCompile(`^[a-z0-9]{1,10}$`)
)

func (p *GitHubDeployRoleProps) validate() problems {
	var bad problems
	bad.require(roleNamePattern.MatchString(p.Name), "Name", "is %q; use 1 to 64 letters, digits, and _ + = , . @ -", p.Name)
	bad.require(repositoryPattern.MatchString(p.Repository), "Repository", "is %q; use owner/name, without wildcards", p.Repository)
	bad.require((p.OwnerID == "") == (p.RepositoryID == ""), "OwnerID", "and RepositoryID go together; give both or neither")
	bad.require(p.OwnerID == "" || gitHubIDPattern.MatchString(p.OwnerID), "OwnerID", "is %q; use the owner's number", p.OwnerID)
	bad.require(p.RepositoryID == "" || gitHubIDPattern.MatchString(p.RepositoryID), "RepositoryID", "is %q; use the repository's number", p.RepositoryID)
	p.validateTrust(&bad)
	bad.require(oneOf(p.Access, GitHubDiff, GitHubDeploy), "Access", "is %q; use one of the GitHubAccess constants", p.Access)
	bad.require(!p.PullRequests || p.Access != GitHubDeploy, "Access",
		"is deploy, but an attacker who opens a pull request could deploy code; use Environment or Branch")
	bad.require(!p.AllowImagePublishing || p.Access == GitHubDeploy, "AllowImagePublishing", "goes with GitHubDeploy; a diff publishes nothing")
	if p.Releases != nil {
		bad.require(p.Access == GitHubDeploy, "Releases", "goes with GitHubDeploy; a diff releases nothing")
		p.Releases.validate(&bad)
	}
	for i, region := range p.Regions {
		known := regionPattern.MatchString(region) || *awscdk.Token_IsUnresolved(jsii.String(region))
		bad.require(known, fmt.Sprintf("Regions[%d]", i), "is %q; use a region such as eu-west-2", region)
	}
	bad.require(qualifierPattern.MatchString(p.Qualifier), "Qualifier", "is %q; use 1 to 10 lower-case letters and digits", p.Qualifier)
	for i, grant := range p.Grants {
		grant.check(fmt.Sprintf("Grants[%d]", i), &bad)
	}
	d := p.SessionDuration
	bad.require(d >= time.Hour && d <= 12*time.Hour && d%time.Second == 0, "SessionDuration", "is %s; use whole seconds from 1h to 12h", d)
	return bad
}

// validateTrust checks that the role trusts exactly one subject, without wildcards.
func (p *GitHubDeployRoleProps) validateTrust(bad *problems) {
	given := 0
	for _, is := range []bool{p.Branch != "", p.Environment != "", p.PullRequests} {
		if is {
			given++
		}
	}
	bad.require(given == 1, "Branch", "Environment and PullRequests: %d of the three are given; give exactly one", given)
	bad.require(p.Branch == "" || branchPattern.MatchString(p.Branch) && !strings.HasPrefix(p.Branch, "refs/"), "Branch",
		"is %q; use the branch's own name, such as main, of at most 255 Latin characters, without refs/ or wildcards", p.Branch)
	bad.require(p.Environment == "" || environmentPattern.MatchString(p.Environment), "Environment",
		"is %q; use 1 to 255 letters, digits, and . _ -", p.Environment)
}

// repository returns the repository as the sub claim writes it.
func (p *GitHubDeployRoleProps) repository() string {
	if p.RepositoryID == "" {
		return "repo:" + p.Repository
	}
	owner, name, _ := strings.Cut(p.Repository, "/")
	return fmt.Sprintf("repo:%s@%s/%s@%s", owner, p.OwnerID, name, p.RepositoryID)
}
