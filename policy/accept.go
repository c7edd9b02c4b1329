package policy

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	cdkconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/constructs/assembly"
)

// The types of construct metadata that the rules read. Accept writes acceptanceNote.
const (
	acceptanceNote = "policy:acceptance"
	warningNote    = "aws:cdk:warning"
	// Validations_Of(…).Acknowledge writes acknowledgedNote.
	acknowledgedNote = "aws:cdk:acknowledged-rules"
)

// minReason is the minimum length of a reason in characters, about one sentence.
const minReason = 30

// Accept accepts the findings of one rule for a construct and everything in it.
// The reason has at least 30 characters. The rule is spelt as in the finding:
//
//	policy::public-bucket              a rule of this package
//	AwsSolutions-S1                    a rule of cdk-nag
//	AwsSolutions-IAM5[Resource::*]     one finding of a rule of cdk-nag
//	CloudFormation-Validate::W3045     a rule of CDK's CloudFormation validator
//
// For a construct, a rule of cdk-nag is accepted for the resources that exist when
// Accept is called, so call Accept after making them. For a stack, it is accepted
// for resources made later as well. Accept panics with a *constructs.PropsError if
// the rule is of no known source, the reason is too short, or the construct is
// outside any stack.
func Accept(scope cdkconstructs.IConstruct, rule, reason string) {
	if bad := acceptProblems(scope, rule, reason); len(bad) > 0 {
		panic(&constructs.PropsError{Construct: "policy.Accept", Path: *scope.Node().Path(), Problems: bad})
	}
	scope.Node().AddMetadata(jsii.String(acceptanceNote), map[string]string{"rule": rule, "reason": reason}, nil)
	if isNagRule(rule) {
		id, finding, granular := strings.Cut(strings.TrimSuffix(rule, "]"), "[")
		suppression := &cdknag.NagPackSuppression{Id: jsii.String(id), Reason: jsii.String(reason)}
		if granular {
			suppression.AppliesTo = &[]any{finding}
		}
		suppress(scope, suppression)
	}
}

// suppress writes a cdk-nag suppression. For a stack it writes the suppression once,
// because 400 copies of a reason do not fit into a template. For another construct
// it writes the suppression to each resource in the construct.
func suppress(scope cdkconstructs.IConstruct, suppression *cdknag.NagPackSuppression) {
	suppressions := &[]*cdknag.NagPackSuppression{suppression}
	if *awscdk.Stack_IsStack(scope) {
		cdknag.NagSuppressions_AddStackSuppressions(awscdk.Stack_Of(scope), suppressions, jsii.Bool(true))
		return
	}
	cdknag.NagSuppressions_AddResourceSuppressions(scope, suppressions, jsii.Bool(true))
}

func acceptProblems(scope cdkconstructs.IConstruct, rule, reason string) []constructs.Problem {
	var bad []constructs.Problem
	require := func(ok bool, prop, format string, args ...any) {
		if !ok {
			bad = append(bad, constructs.Problem{Prop: prop, Message: fmt.Sprintf(format, args...)})
		}
	}
	inStack := slices.ContainsFunc(*scope.Node().Scopes(), func(c cdkconstructs.IConstruct) bool { return *awscdk.Stack_IsStack(c) })
	require(inStack, "scope", "is in no stack; call Accept on the resource or its stack")
	known := slices.ContainsFunc(Rules(), func(r Rule) bool { return r.ID == rule })
	require(known || isNagRule(rule) || isValidatorRule(rule), "rule",
		"is %q; use a rule of this package (see Rules), of cdk-nag (AwsSolutions-S1) or of the validator (%sW3045)", rule, validatorPrefix)
	require(len(strings.TrimSpace(reason)) >= minReason, "reason",
		"is %q; give a reason of at least %d characters", reason, minReason)
	return bad
}

// nagRule matches a rule of cdk-nag: a pack and a name. CdkNagValidationFailure
// stands for rules that cdk-nag could not evaluate. https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
const nagRule = `(?:(?:AwsSolutions|HIPAA\.Security|NIST\.800\.53\.R[45]|PCI\.DSS\.321)-\w+|CdkNagValidationFailure)`

var nagPattern = regexp.MustCompile(`^` + nagRule + `(\[.+\])?$`)

func isNagRule(id string) bool { return nagPattern.MatchString(id) }

const validatorPrefix = "CloudFormation-Validate::"

func isValidatorRule(id string) bool {
	name, ok := strings.CutPrefix(id, validatorPrefix)
	return ok && name != ""
}

// Acceptance is one call of Accept.
type Acceptance struct {
	// Rule is the accepted rule.
	Rule string `json:"rule"`
	// Construct is the path of the construct that the rule is accepted for.
	Construct string `json:"construct"`
	// Reason says why the rule is accepted.
	Reason string `json:"reason"`
}

// Acceptances returns the acceptances in a cloud assembly (a cdk.out), ordered by
// rule and construct. A test that compares them with a committed file shows each new
// acceptance in review. Acceptances returns an error if the assembly cannot be read.
func Acceptances(dir string) ([]Acceptance, error) {
	a, err := assembly.Read(dir)
	if err != nil {
		return nil, fmt.Errorf("policy: read the cloud assembly: %w", err)
	}
	return acceptances(a), nil
}

func acceptances(a *assembly.Assembly) []Acceptance {
	found := map[Acceptance]bool{}
	for _, s := range a.Stacks {
		for _, n := range s.Notes {
			if n.Type == acceptanceNote {
				found[Acceptance{Rule: fmt.Sprint(at(n.Data, "rule")), Construct: n.Path, Reason: fmt.Sprint(at(n.Data, "reason"))}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b Acceptance) int {
		return strings.Compare(a.Rule+"\n"+a.Construct+"\n"+a.Reason, b.Rule+"\n"+b.Construct+"\n"+b.Reason)
	})
}

// isAccepted reports whether the rule is accepted for the construct at the path or
// for a construct that contains it.
func isAccepted(accepted []Acceptance, rule, path string) bool {
	return slices.ContainsFunc(accepted, func(a Acceptance) bool { return a.Rule == rule && contains(a.Construct, path) })
}

func contains(outer, path string) bool {
	return path == outer || strings.HasPrefix(path, outer+"/")
}
