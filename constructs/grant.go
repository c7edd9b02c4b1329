package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// Grant is a permission that a resource offers and a role takes. It has one or more
// statements of exact actions on exact resources. Resources make grants, for
// example SecureTable.Allow. Use [AllowActions] for services without typed grants.
type Grant []Statement

// Statement is one Allow statement of an identity policy.
type Statement struct {
	// Sid names the statement in the policy: letters and digits. It says what
	// the permission is for. Equal Sids in one role are numbered. Required.
	Sid string
	// Actions are exact IAM actions such as "ses:SendEmail". Required.
	Actions []string
	// Resources are the exact ARNs that the actions are allowed on. A CDK token
	// counts as an exact ARN. Required.
	Resources []string
	// Conditions restrict the statement further: operator, condition key, values.
	// Default: none.
	Conditions map[string]map[string][]string
}

// AllowActions grants exact actions on exact ARNs, for services without typed
// grants in this package. The function that takes the grant checks it.
func AllowActions(sid string, actions []string, arns ...string) Grant {
	return Grant{{Sid: sid, Actions: actions, Resources: arns}}
}

var (
	sidPattern = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	// A service prefix and an action name without wildcards.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
	actionPattern = regexp.MustCompile(`^[a-z0-9-]+:[A-Za-z0-9]+$`)
)

// check records the problems of the grant under the prop's name.
func (g Grant) check(prop string, p *problems) {
	p.require(len(g) > 0, prop, "is empty; grant at least one action or leave the grant out")
	for i, s := range g {
		at := fmt.Sprintf("%s[%d]", prop, i)
		p.require(sidPattern.MatchString(s.Sid), at+".Sid", "is %q; use letters and digits only", s.Sid)
		p.require(len(s.Actions) > 0, at+".Actions", "is empty; name the actions")
		for _, a := range s.Actions {
			p.require(actionPattern.MatchString(a), at+".Actions",
				"%q is not an exact action; write service:Action without wildcards", a)
		}
		p.require(len(s.Resources) > 0, at+".Resources", "is empty; name the ARNs")
		for _, r := range s.Resources {
			p.require(isExactARN(r) || isObjects(r) && subset(s.Actions, objectActions), at+".Resources",
				"%q is not an exact ARN; wildcards are refused except for the streams of a log group, the schedules of a group and a bucket's objects under a prefix", r)
		}
	}
}

// isExactARN reports whether resource names one resource. The streams of a log
// group and the schedules of a group also pass, because they get their names at run
// time.
func isExactARN(resource string) bool {
	isARN := strings.HasPrefix(resource, "arn:") || *awscdk.Token_IsUnresolved(resource)
	return isARN && (!hasWildcard(resource) || isLogStreams(resource) || isSchedulesOfGroup(resource))
}

// sidCount counts how often a policy uses each Sid.
type sidCount map[string]int

// merge returns the statements of all grants with unique Sids. IAM refuses a policy
// in which two statements share a Sid.
func (c sidCount) merge(grants []Grant) []Statement {
	var all []Statement
	for _, g := range grants {
		for _, s := range g {
			s.Sid = c.unused(s.Sid)
			all = append(all, s)
		}
	}
	return all
}

// unused returns the Sid if the policy does not use it yet. Otherwise it adds the
// first number that makes the Sid unique. "Orders2" may already be another grant's
// own Sid.
func (c sidCount) unused(sid string) string {
	c[sid]++
	if c[sid] == 1 {
		return sid
	}
	for n := c[sid]; ; n++ {
		if numbered := fmt.Sprintf("%s%d", sid, n); c[numbered] == 0 {
			c[numbered]++
			return numbered
		}
	}
}

// policyStatement turns a Statement into CDK's.
func (s Statement) policyStatement() awsiam.PolicyStatement {
	conditions := map[string]any{}
	for operator, keys := range s.Conditions {
		values := map[string]any{}
		for key, list := range keys {
			values[key] = oneOrMore(list)
		}
		conditions[operator] = values
	}
	props := &awsiam.PolicyStatementProps{
		Sid:       jsii.String(s.Sid),
		Actions:   jsii.Strings(s.Actions...),
		Resources: jsii.Strings(s.Resources...),
	}
	if len(conditions) > 0 {
		props.Conditions = &conditions
	}
	return awsiam.NewPolicyStatement(props)
}

// oneOrMore returns a single value by itself, and several as a list.
func oneOrMore(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

func policyStatements(statements []Statement) *[]awsiam.PolicyStatement {
	list := make([]awsiam.PolicyStatement, len(statements))
	for i, s := range statements {
		list[i] = s.policyStatement()
	}
	return &list
}
