package constructs

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// referenceLength is the assumed length of a value that is known only at
// deployment. An ARN of KMS has 75 characters. Other ARNs are longer or shorter.
const referenceLength = 75

// pseudoLength holds the lengths of pseudo parameters' values.
var pseudoLength = map[string]int{"AWS::Partition": 3, "AWS::Region": 9, "AWS::AccountId": 12, "AWS::URLSuffix": 13}

// policySizeGuard checks at synthesis that a policy fits its quota. Statements are
// added to a policy from many places, so the props alone do not show its size.
type policySizeGuard struct {
	stack     awscdk.Stack
	quota     quota
	prop      string // the caller's prop, for the message
	advice    string
	documents func() []any // unresolved
}

// guardPolicySize makes the node's synthesis fail if the documents exceed the
// quota.
func guardPolicySize(node constructs.Node, guard *policySizeGuard) { node.AddValidation(guard) }

// Validate implements CDK's IValidation.
func (g *policySizeGuard) Validate() *[]*string { return runCheck("the size of its policy", g.check) }

func (g *policySizeGuard) check() []string {
	size := 0
	for _, document := range g.documents() {
		size += jsonSize(g.stack.Resolve(document))
	}
	if size <= g.quota.max {
		return nil
	}
	return []string{g.prop + " " + g.quota.exceededBy(size, g.advice)}
}

// guardRoleSize checks the size of the role's inline policies together with the
// other policies.
func guardRoleSize(role awsiam.Role, prop, advice string, others func() []awsiam.Policy) {
	var cfn awsiam.CfnRole
	jsii.UnsafeCast(role.Node().DefaultChild(), &cfn)
	guardPolicySize(role.Node(), &policySizeGuard{
		stack: awscdk.Stack_Of(role), quota: inlinePoliciesOfRole, prop: prop, advice: advice,
		documents: func() []any {
			documents := []any{cfn.Policies()}
			for _, policy := range others() {
				documents = append(documents, policy.Document())
			}
			return documents
		},
	})
}

// jsonSize returns the approximate length of a resolved value as JSON without
// spaces, which is what AWS counts.
func jsonSize(value any) int {
	switch v := value.(type) {
	case nil:
		return 0
	case string:
		return len(v) + len(`""`)
	case []any:
		size := len(`[]`)
		for _, child := range v {
			size += jsonSize(child) + len(`,`)
		}
		return size
	case map[string]any:
		if n, ok := resolvedLength(v); ok {
			return n + len(`""`)
		}
		size := len(`{}`)
		for key, child := range v {
			size += len(key) + len(`"":,`) + jsonSize(child)
		}
		return size
	}
	return len(`false`)
}

// resolvedLength returns the approximate length of a CloudFormation function's
// result.
func resolvedLength(function map[string]any) (int, bool) {
	if len(function) != 1 {
		return 0, false
	}
	for name, argument := range function {
		switch {
		case name == "Fn::Join":
			list, _ := argument.([]any)
			if len(list) != 2 {
				return referenceLength, true
			}
			pieces, _ := list[1].([]any)
			n := 0
			for _, piece := range pieces {
				n += jsonSize(piece) - len(`""`)
			}
			return n, true
		case name == "Ref":
			if n, known := pseudoLength[argument.(string)]; known {
				return n, true
			}
			return referenceLength, true
		case strings.HasPrefix(name, "Fn::"):
			return referenceLength, true
		}
	}
	return 0, false
}
