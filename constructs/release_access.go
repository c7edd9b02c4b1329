package constructs

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Actions of a release command.
var (
	releaseReadActions   = []string{"cloudformation:DescribeStacks", "cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"}
	releaseStackActions  = []string{"cloudformation:ListStackResources"}
	releaseAliasActions  = []string{"lambda:GetAlias", "lambda:ListVersionsByFunction", "lambda:UpdateAlias"}
	releaseDeleteActions = []string{"lambda:DeleteFunction"}
)

// statements returns what a release command may do. Versions are deleted by the qualified
// name of the function, so the function itself cannot be.
func (r *ReleaseAccess) statements(stack awscdk.Stack) []Statement {
	arn := func(service, resource, name string, format awscdk.ArnFormat) string {
		return *stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String(service), Resource: jsii.String(resource), ResourceName: jsii.String(name), ArnFormat: format,
		})
	}
	functions := arn("lambda", "function", r.Prefix+"*", awscdk.ArnFormat_COLON_RESOURCE_NAME)
	statements := []Statement{
		{Sid: "ReadStacksAlarmsAndMetrics", Actions: releaseReadActions, Resources: []string{"*"}},
		{Sid: "ReadVersionsOfStacks", Actions: releaseStackActions, Resources: []string{
			arn("cloudformation", "stack", r.Prefix+"*", awscdk.ArnFormat_SLASH_RESOURCE_NAME)}},
		{Sid: "MoveAliases", Actions: releaseAliasActions, Resources: []string{functions}},
		{Sid: "DeleteVersions", Actions: releaseDeleteActions, Resources: []string{functions + ":*"}},
		{Sid: "KeepState", Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{r.TableARN}},
	}
	if r.KeyARN != "" {
		statements = append(statements, Statement{
			Sid: "OpenState", Actions: []string{"kms:Decrypt"}, Resources: []string{r.KeyARN},
			Conditions: map[string]map[string][]string{"StringEquals": {"kms:ViaService": {"dynamodb." + *stack.Region() + ".amazonaws.com"}}},
		})
	}
	return statements
}

// releasePrefix keeps the wildcards of a release to the names of one stage.
var releasePrefix = regexp.MustCompile(`^[A-Za-z0-9-]{3,40}-$`)

func (r *ReleaseAccess) validate(bad *problems) {
	bad.require(releasePrefix.MatchString(r.Prefix), "Releases.Prefix", "is %q; use 3 to 40 letters, digits and -, with a - at the end, such as shop-prod-", r.Prefix)
	bad.require(isExactARN(r.TableARN), "Releases.TableARN", "is %q; give the ARN of the table, without wildcards", r.TableARN)
	bad.require(r.KeyARN == "" || isExactARN(r.KeyARN), "Releases.KeyARN", "is %q; give the ARN of the key, without wildcards", r.KeyARN)
}

// isOfRelease reports whether a wildcard stands for the stacks, functions or versions
// whose names begin with a prefix.
func isOfRelease(value string) bool {
	_, name, found := strings.Cut(value, ":function:")
	if !found {
		if _, name, found = strings.Cut(value, ":stack/"); !found {
			return false
		}
	}
	prefix, _, _ := strings.Cut(name, "*")
	return releasePrefix.MatchString(prefix) && (name == prefix+"*" || name == prefix+"*:*")
}
