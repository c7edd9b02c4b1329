package constructs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewGitHubDeployRole() {
	stack := newStack()
	provider := constructs.NewGitHubProvider(stack, "GitHub")
	deploy := constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{
		Name:        "shop-prod-deploy",
		Repository:  "shop/backend",
		Environment: "prod",
		Access:      constructs.GitHubDeploy,
		Regions:     []string{"eu-west-2", "us-east-1"},
		Provider:    provider,
	})
	diff := constructs.NewGitHubDeployRole(stack, "Diff", &constructs.GitHubDeployRoleProps{
		Name:         "shop-prod-diff",
		Repository:   "shop/backend",
		PullRequests: true,
		Provider:     provider,
	})
	fmt.Println(deploy.Subject())
	fmt.Println(diff.Subject())
	// Output:
	// repo:shop/backend:environment:prod
	// repo:shop/backend:pull_request
}

func ExampleNewGitHubProvider() {
	provider := constructs.NewGitHubProvider(newStack(), "GitHub")
	fmt.Println(*provider.Node().Path())
	// Output: Test/GitHub
}

// gitHubRole is the role of otherwise right props, of which branch main is
// trusted unless they say otherwise.
func gitHubRole(t *testing.T, props constructs.GitHubDeployRoleProps) any {
	t.Helper()
	props.Name, props.Repository = "deploy", "Shop/back.end"
	if props.Environment == "" && !props.PullRequests {
		props.Branch = "main"
	}
	template := build(func(stack awscdk.Stack) { constructs.NewGitHubDeployRole(stack, "R", &props) })
	return only(t, template, "AWS::IAM::Role")["Properties"]
}

func TestGitHubDeployRole_TrustsOneExactSubject(t *testing.T) {
	cases := map[string]constructs.GitHubDeployRoleProps{
		"repo:Shop/back.end:ref:refs/heads/main":         {},
		"repo:Shop/back.end:environment:prod-1":          {Environment: "prod-1"},
		"repo:Shop/back.end:pull_request":                {PullRequests: true},
		"repo:Shop@12/back.end@345:ref:refs/heads/main":  {OwnerID: "12", RepositoryID: "345"},
		"repo:Shop@12/back.end@345:environment:dev.test": {OwnerID: "12", RepositoryID: "345", Environment: "dev.test"},
	}
	for subject, props := range cases {
		t.Run(subject, func(t *testing.T) {
			equal(t, "trust", at(gitHubRole(t, props), "AssumeRolePolicyDocument", "Statement"), fmt.Sprintf(`[{
				"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
				"Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
				"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
					"token.actions.githubusercontent.com:sub": %q}}}]`, subject))
		})
	}
}

// assumes is the statement by which a role assumes the bootstrap's role of a
// kind, in London and, if asked, in Virginia.
func assumes(sid, kind string, virginia bool) string {
	arn := func(region string) string {
		return fmt.Sprintf(`"arn:aws:iam::111122223333:role/cdk-hnb659fds-%s-role-111122223333-%s"`, kind, region)
	}
	resource := arn("eu-west-2")
	if virginia {
		resource = "[" + resource + ", " + arn("us-east-1") + "]"
	}
	return fmt.Sprintf(`{"Sid": %q, "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": %s,
		"Condition": {"StringEquals": {"iam:ResourceTag/aws-cdk:bootstrap-role": %q}}}`, sid, resource, kind)
}

func TestGitHubDeployRole_AssumesOnlyNeededBootstrapRoles(t *testing.T) {
	lookup := assumes("AssumeLookupRole", "lookup", false)
	deploy := assumes("AssumeDeployRole", "deploy", false) + "," + assumes("AssumeFilePublishingRole", "file-publishing", false) + "," + lookup
	both := assumes("AssumeDeployRole", "deploy", true) + "," + assumes("AssumeFilePublishingRole", "file-publishing", true) + "," +
		assumes("AssumeLookupRole", "lookup", true)
	cases := map[string]struct {
		props constructs.GitHubDeployRoleProps
		want  string
	}{
		"nothing said":   {constructs.GitHubDeployRoleProps{}, lookup},
		"pull requests":  {constructs.GitHubDeployRoleProps{PullRequests: true}, lookup},
		"deploy":         {constructs.GitHubDeployRoleProps{Access: constructs.GitHubDeploy}, deploy},
		"in two regions": {constructs.GitHubDeployRoleProps{Access: constructs.GitHubDeploy, Regions: []string{"eu-west-2", "us-east-1"}}, both},
		"with images": {constructs.GitHubDeployRoleProps{Access: constructs.GitHubDeploy, AllowImagePublishing: true},
			deploy + "," + assumes("AssumeImagePublishingRole", "image-publishing", false)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			role := gitHubRole(t, c.props)
			equal(t, "policies", at(role, "Policies", 0, "PolicyDocument", "Statement"), "["+c.want+"]")
			equal(t, "others", []any{at(role, "Policies", 1), at(role, "ManagedPolicyArns")}, `[null, null]`)
		})
	}
}

func TestGitHubDeployRole_Grants_AreAPolicyOfTheirOwn(t *testing.T) {
	grant := constructs.AllowActions("ReadReport", []string{"s3:GetObject"}, "arn:aws:s3:::reports/newest")
	role := gitHubRole(t, constructs.GitHubDeployRoleProps{Grants: []constructs.Grant{grant, grant}})
	equal(t, "bootstrap", at(role, "Policies", 0, "PolicyDocument", "Statement"), "["+assumes("AssumeLookupRole", "lookup", false)+"]")
	equal(t, "grants", at(role, "Policies", 1), `{"PolicyName": "Grants", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Sid": "ReadReport", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/newest"},
		{"Sid": "ReadReport2", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/newest"}]}}`)
}

func TestGitHubDeployRole_Qualifier_SelectsBootstrap(t *testing.T) {
	role := gitHubRole(t, constructs.GitHubDeployRoleProps{Qualifier: "shop"})
	equal(t, "resource", at(role, "Policies", 0, "PolicyDocument", "Statement", 0, "Resource"),
		`"arn:aws:iam::111122223333:role/cdk-shop-lookup-role-111122223333-eu-west-2"`)
}

func TestGitHubDeployRole_SessionsAndBoundary_AreInTheTemplate(t *testing.T) {
	equal(t, "default", at(gitHubRole(t, constructs.GitHubDeployRoleProps{}), "MaxSessionDuration"), `3600`)
	stack := newStack()
	boundary := awsiam.ManagedPolicy_FromManagedPolicyArn(stack, jsii.String("B"), jsii.String("arn:aws:iam::111122223333:policy/boundary"))
	constructs.NewGitHubDeployRole(stack, "R", &constructs.GitHubDeployRoleProps{
		Name: "deploy", Repository: "shop/backend", Branch: "main", SessionDuration: 90 * time.Minute, PermissionsBoundary: boundary,
	})
	role := at(only(t, synth(stack), "AWS::IAM::Role"), "Properties")
	equal(t, "duration", at(role, "MaxSessionDuration"), `5400`)
	equal(t, "boundary", at(role, "PermissionsBoundary"), `"arn:aws:iam::111122223333:policy/boundary"`)
}

func TestNewGitHubProvider_UsesCloudFormationResource(t *testing.T) {
	stack := newStack()
	constructs.NewGitHubDeployRole(stack, "R", &constructs.GitHubDeployRoleProps{
		Name: "deploy", Repository: "shop/backend", Branch: "main", Provider: constructs.NewGitHubProvider(stack, "GitHub"),
	})
	template := synth(stack)
	id, provider := metricOf(t, template, "AWS::IAM::OIDCProvider", "GitHub")
	equal(t, "provider", provider["Properties"], `{"Url": "https://token.actions.githubusercontent.com", "ClientIdList": ["sts.amazonaws.com"]}`)
	equal(t, "trust", at(only(t, template, "AWS::IAM::Role"), "Properties", "AssumeRolePolicyDocument", "Statement", 0, "Principal"),
		fmt.Sprintf(`{"Federated": {"Ref": %q}}`, id))
	if n := len(all(template, "AWS::Lambda::Function")); n != 0 {
		t.Errorf("there are %d functions", n)
	}
}

// release is the role of a workflow that also releases.
var releaseAccess = constructs.ReleaseAccess{
	Prefix: "shop-prod-", TableARN: "arn:aws:dynamodb:eu-west-2:111122223333:table/shop-prod-releases", KeyARN: "arn:aws:kms:eu-west-2:111122223333:key/1",
}

func TestGitHubDeployRole_Releases_MayMoveAliasesOfOneStageOnly(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{
			Name: "deploy", Repository: "shop/backend", Environment: "prod", Access: constructs.GitHubDeploy, Releases: &releaseAccess,
		})
	})
	role := at(only(t, template, "AWS::IAM::Role"), "Properties")
	equal(t, "name", at(role, "Policies", 1, "PolicyName"), `"Releases"`)
	equal(t, "statements", at(role, "Policies", 1, "PolicyDocument", "Statement"), `[
		{"Sid": "ReadStacksAlarmsAndMetrics", "Effect": "Allow", "Resource": "*",
			"Action": ["cloudformation:DescribeStacks", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"]},
		{"Sid": "ReadVersionsOfStacks", "Effect": "Allow", "Action": "cloudformation:ListStackResources",
			"Resource": "arn:aws:cloudformation:eu-west-2:111122223333:stack/shop-prod-*"},
		{"Sid": "MoveAliases", "Effect": "Allow", "Action": ["lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateAlias"],
			"Resource": "arn:aws:lambda:eu-west-2:111122223333:function:shop-prod-*"},
		{"Sid": "DeleteVersions", "Effect": "Allow", "Action": "lambda:DeleteFunction",
			"Resource": "arn:aws:lambda:eu-west-2:111122223333:function:shop-prod-*:*"},
		{"Sid": "KeepState", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "arn:aws:dynamodb:eu-west-2:111122223333:table/shop-prod-releases"},
		{"Sid": "OpenState", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:eu-west-2:111122223333:key/1",
			"Condition": {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-2.amazonaws.com"}}}]`)
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestGitHubDeployRole_ReleasesOfManyStages_AreRefused(t *testing.T) {
	make := func(access constructs.GitHubAccess, change func(*constructs.ReleaseAccess)) func() {
		releases := releaseAccess
		change(&releases)
		return func() {
			constructs.NewGitHubDeployRole(newStack(), "R", &constructs.GitHubDeployRoleProps{
				Name: "deploy", Repository: "shop/backend", Branch: "main", Access: access, Releases: &releases,
			})
		}
	}
	refused(t, make(constructs.GitHubDiff, func(*constructs.ReleaseAccess) {}), "Releases")
	for _, prefix := range []string{"", "*", "shop-prod", "shop-*-", "-"} {
		refused(t, make(constructs.GitHubDeploy, func(r *constructs.ReleaseAccess) { r.Prefix = prefix }), "Releases.Prefix")
	}
	refused(t, make(constructs.GitHubDeploy, func(r *constructs.ReleaseAccess) { r.TableARN, r.KeyARN = "arn:aws:dynamodb:*", "key" }),
		"Releases.TableARN", "Releases.KeyARN")
}

func TestGitHubDeployRole_HasNoWildcard(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{
			Name: "deploy", Repository: "shop/backend", Environment: "prod", Access: constructs.GitHubDeploy, AllowImagePublishing: true,
		})
	})
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestGitHubDeployRole_IsGuarded(t *testing.T) {
	stack := newStack()
	r := constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{
		Name: "deploy", Repository: "shop/backend", Environment: "prod",
	})
	r.Role.AddManagedPolicy(awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("AdministratorAccess")))
	synthFails(t, stack, "Test/Deploy/Role/Resource (", "AdministratorAccess", "grant it to the bootstrap's roles")
}

func TestGitHubDeployRole_InvalidProps_AreRefused(t *testing.T) {
	cases := map[string]struct {
		spoil func(p *constructs.GitHubDeployRoleProps)
		props []string
	}{
		"no name":                  {func(p *constructs.GitHubDeployRoleProps) { p.Name = "" }, []string{"Name"}},
		"name with a slash":        {func(p *constructs.GitHubDeployRoleProps) { p.Name = "a/b" }, []string{"Name"}},
		"owner only":               {func(p *constructs.GitHubDeployRoleProps) { p.Repository = "shop" }, []string{"Repository"}},
		"every repository":         {func(p *constructs.GitHubDeployRoleProps) { p.Repository = "shop/*" }, []string{"Repository"}},
		"address":                  {func(p *constructs.GitHubDeployRoleProps) { p.Repository = "github.com/shop/backend" }, []string{"Repository"}},
		"one id":                   {func(p *constructs.GitHubDeployRoleProps) { p.OwnerID = "12" }, []string{"OwnerID"}},
		"ids that are none":        {func(p *constructs.GitHubDeployRoleProps) { p.OwnerID, p.RepositoryID = "*", "shop" }, []string{"OwnerID", "RepositoryID"}},
		"nothing trusted":          {func(p *constructs.GitHubDeployRoleProps) { p.Branch = "" }, []string{"Branch"}},
		"two trusted":              {func(p *constructs.GitHubDeployRoleProps) { p.Environment = "prod" }, []string{"Branch"}},
		"three trusted":            {func(p *constructs.GitHubDeployRoleProps) { p.Environment, p.PullRequests = "prod", true }, []string{"Branch"}},
		"every branch":             {func(p *constructs.GitHubDeployRoleProps) { p.Branch = "*" }, []string{"Branch"}},
		"some branches":            {func(p *constructs.GitHubDeployRoleProps) { p.Branch = "release/?" }, []string{"Branch"}},
		"a ref":                    {func(p *constructs.GitHubDeployRoleProps) { p.Branch = "refs/heads/main" }, []string{"Branch"}},
		"a subject":                {func(p *constructs.GitHubDeployRoleProps) { p.Branch = "main:environment:prod" }, []string{"Branch"}},
		"every environment":        {func(p *constructs.GitHubDeployRoleProps) { p.Branch, p.Environment = "", "*" }, []string{"Environment"}},
		"an environment's subject": {func(p *constructs.GitHubDeployRoleProps) { p.Branch, p.Environment = "", "prod:ref" }, []string{"Environment"}},
		"unknown access":           {func(p *constructs.GitHubDeployRoleProps) { p.Access = "admin" }, []string{"Access"}},
		"pull requests deploy": {func(p *constructs.GitHubDeployRoleProps) {
			p.Branch, p.PullRequests, p.Access = "", true, constructs.GitHubDeploy
		}, []string{"Access"}},
		"a diff publishes images": {func(p *constructs.GitHubDeployRoleProps) { p.AllowImagePublishing = true }, []string{"AllowImagePublishing"}},
		"every region":            {func(p *constructs.GitHubDeployRoleProps) { p.Regions = []string{"eu-west-2", "*"} }, []string{"Regions[1]"}},
		"every bootstrap":         {func(p *constructs.GitHubDeployRoleProps) { p.Qualifier = "*" }, []string{"Qualifier"}},
		"session too short":       {func(p *constructs.GitHubDeployRoleProps) { p.SessionDuration = time.Minute }, []string{"SessionDuration"}},
		"session too long":        {func(p *constructs.GitHubDeployRoleProps) { p.SessionDuration = 13 * time.Hour }, []string{"SessionDuration"}},
		"several at once":         {func(p *constructs.GitHubDeployRoleProps) { p.Name, p.Qualifier = "", "*" }, []string{"Name", "Qualifier"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.GitHubDeployRoleProps{Name: "deploy", Repository: "shop/backend", Branch: "main"}
			c.spoil(&props)
			refused(t, func() { constructs.NewGitHubDeployRole(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewGitHubDeployRole(stack, "none", nil) }, "Name", "Repository", "Branch")
}
