package constructs

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// guardRole holds the role to the rule of least privilege when the app is
// synthesized, whoever adds to it until then.
func guardRole(role awsiam.Role) {
	guardRoleWith(role, "give the function a Grant of exact actions on exact ARNs")
}

// guardRoleWith does the same and advises those who added what they should not.
func guardRoleWith(role awsiam.Role, advice string) {
	guard := &roleGuard{stack: awscdk.Stack_Of(role), advice: advice}
	jsii.UnsafeCast(role.Node().DefaultChild(), &guard.role)
	role.Node().AddValidation(guard)
}

// roleGuard is the check of one role. It asks CDK as little as it can: calls
// made from within a callback nest in jsii's Node process, which has stack for
// about 1400 of them, and dies without a word of use after that. So there is a
// guard for each role rather than one for all, and a limit to what it reads.
type roleGuard struct {
	stack  awscdk.Stack
	role   awsiam.CfnRole
	advice string
}

// maxPolicies is how many policies a guard reads, at four calls each.
const maxPolicies = 250

// Validate implements CDK's IValidation: it returns a sentence for each managed
// policy of the role and each unexplained wildcard in its other policies. CDK
// puts the role's path in front.
func (g *roleGuard) Validate() *[]*string { return guarded("least privilege", g.check) }

func (g *roleGuard) check() []string {
	var found []string
	report := func(sentences ...string) {
		for _, s := range sentences {
			found = append(found, s+"; "+g.advice)
		}
	}
	for _, arn := range texts(g.stack.Resolve(g.role.ManagedPolicyArns())) {
		report("has the managed policy " + arn)
	}
	report(wildcardsIn("its own policy", g.stack.Resolve(g.role.Policies()))...)

	managed, inline := g.resources("AWS::IAM::ManagedPolicy"), g.resources("AWS::IAM::Policy")
	if n := len(managed) + len(inline); n > maxPolicies {
		return append(found, fmt.Sprintf("cannot be checked for least privilege: its stage has %d policies, "+
			"of which %d can be read; put some of the stacks into an awscdk.Stage of their own", n, maxPolicies))
	}
	for _, node := range managed {
		var policy awsiam.CfnManagedPolicy
		jsii.UnsafeCast(node, &policy)
		if g.isIn(policy.Roles(), policy) {
			report("has the managed policy " + *policy.Node().Path())
		}
	}
	for _, node := range inline {
		var policy awsiam.CfnPolicy
		jsii.UnsafeCast(node, &policy)
		if g.isIn(policy.Roles(), policy) {
			report(wildcardsIn("policy "+*policy.Node().Path(), policy.Stack().Resolve(policy.PolicyDocument()))...)
		}
	}
	return found
}

// resources finds the resources of one type in all stacks the role is
// synthesized with.
func (g *roleGuard) resources(kind string) []constructs.IConstruct {
	selector := awscdk.ConstructSelector_ResourcesOfType(jsii.String(kind))
	return *awscdk.Mixins_Of(awscdk.Stage_Of(g.stack), selector).SelectedConstructs()
}

// isIn reports whether a policy's roles include the guarded one, as the policy's
// own stack would write it: by its physical name, or by a reference to its name
// or its ARN, which is an import in another stack. What is not an import there
// is another role that happens to have the same logical id.
func (g *roleGuard) isIn(roles *[]*string, policy awscdk.CfnResource) bool {
	home := policy.Stack()
	list, _ := home.Resolve(roles).([]any)
	selves, _ := home.Resolve([]any{g.role.Ref(), g.role.AttrArn(), g.role.RoleName()}).([]any)
	away := *home.Node().Path() != *g.stack.Node().Path()
	for _, self := range selves {
		reference, _ := self.(map[string]any)
		atHome := reference["Ref"] != nil || reference["Fn::GetAtt"] != nil
		if self != nil && !(away && atHome) && mentions(list, self) {
			return true
		}
	}
	return false
}

// mentions reports whether part stands anywhere in a resolved value.
func mentions(value, part any) bool {
	if reflect.DeepEqual(value, part) {
		return true
	}
	holds := func(child any) bool { return mentions(child, part) }
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, holds)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holds)
	}
	return false
}

// wildcardsIn lists the unexplained wildcards of policies of a role.
func wildcardsIn(where string, policies any) []string {
	var found []string
	for _, statement := range allowStatements("AWS::IAM::Role", policies) {
		for _, wildcard := range statement.wildcards() {
			found = append(found, where+": "+wildcard)
		}
	}
	return found
}
