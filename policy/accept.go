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

// The kinds of notes that are read; acceptanceNote is ours.
const (
	acceptanceNote = "policy:acceptance"
	warningNote    = "aws:cdk:warning"
	// What Validations_Of(…).Acknowledge writes.
	acknowledgedNote = "aws:cdk:acknowledged-rules"
)

// minReason is the least length of a reason: a sentence, not a word.
const minReason = 30

// Accept lets a construct, and everything in it, break one rule for a reason of
// at least 30 characters. The rule is spelt as the finding spells it:
//
//	policy::public-bucket              a rule of this package
//	AwsSolutions-S1                    a rule of cdk-nag
//	AwsSolutions-IAM5[Resource::*]     one finding of a rule of cdk-nag
//	CloudFormation-Validate::W3045     a rule of CDK's CloudFormation validator
//
// A rule of cdk-nag is accepted for the resources that a construct holds by
// then, so call Accept after making them; a stack's come later as well. Accept panics with a
// *constructs.PropsError if the rule is none of these, the reason too short, or
// the construct outside any stack.
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

// suppress writes a stack's suppression once, for 400 copies of a reason do not
// fit into a template, and a construct's to each resource in it.
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
	require(inStack, "scope", "is in no stack; accept beside the resource")
	known := slices.ContainsFunc(Rules(), func(r Rule) bool { return r.ID == rule })
	require(known || isNagRule(rule) || isValidatorRule(rule), "rule",
		"is %q, which is neither a rule of this package (see Rules) nor of cdk-nag (AwsSolutions-S1) nor of the validator (%sW3045)", rule, validatorPrefix)
	require(len(strings.TrimSpace(reason)) >= minReason, "reason",
		"is %q; say in at least %d characters why this is right here", reason, minReason)
	return bad
}

// Rules of cdk-nag are a pack and a name; CdkNagValidationFailure stands for
// those it could not evaluate. https://github.com/cdklabs/cdk-nag/blob/main/RULES.md
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
	// Construct is the path of the construct it is accepted for.
	Construct string `json:"construct"`
	// Reason is why.
	Reason string `json:"reason"`
}

// Acceptances lists what is accepted in a cloud assembly (a cdk.out), by rule
// and construct. A test that compares it with a committed file makes every new
// acceptance show in review. It returns an error if the assembly cannot be read.
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

// covered reports whether the rule is accepted for the construct at the path or
// one around it.
func covered(accepted []Acceptance, rule, path string) bool {
	return slices.ContainsFunc(accepted, func(a Acceptance) bool { return a.Rule == rule && contains(a.Construct, path) })
}

func contains(outer, path string) bool {
	return path == outer || strings.HasPrefix(path, outer+"/")
}
