package policy

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	cdkconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// validator is CDK's CloudFormation validator without the findings that Accept accepts.
// CDK's own acknowledgement of one resource would count for the whole app. CDK adds no
// validator of its own if the app has one of this type.
type validator struct {
	awscdk.CloudFormationValidatePlugin
	dir    string
	passed passedTemplates
}

func newValidator(dir string, passed passedTemplates) *validator {
	v := &validator{dir: dir, passed: passed}
	awscdk.NewCloudFormationValidatePlugin_Override(v, &awscdk.CloudFormationValidatePluginProps{})
	return v
}

// Validate overrides the validator's method. It recovers from panics, as in plugin.
func (v *validator) Validate(context awscdk.IPolicyValidationContext) (report *awscdk.PolicyValidationPluginReport) {
	defer func() {
		if reason := recover(); reason != nil {
			report = failure(fmt.Sprint(reason))
		}
	}()
	a, err := assembly.Read(v.dir)
	if err != nil {
		return failure(err.Error())
	}
	key := v.passed.key(a)
	if v.passed.has(a, key) {
		return &awscdk.PolicyValidationPluginReport{Success: jsii.Bool(true), Violations: &[]*awscdk.PolicyViolation{}}
	}
	report = v.CloudFormationValidatePlugin.Validate(&allTemplates{given: context, assembly: a})
	violations := withoutAccepted(a, *report.Violations)
	failed := slices.ContainsFunc(violations, func(violation *awscdk.PolicyViolation) bool { return *violation.Severity == "error" })
	report.Violations, report.Success = &violations, jsii.Bool(!failed)
	if len(violations) == 0 {
		v.passed.record(a, key)
	}
	return report
}

// allTemplates is a validation context that includes the templates of nested stacks.
// CDK's own context leaves them out.
type allTemplates struct {
	given    awscdk.IPolicyValidationContext
	assembly *assembly.Assembly
}

// AccountId implements IPolicyValidationContext; StackTemplates replaces it.
func (t *allTemplates) AccountId() *string { return t.given.AccountId() }

// Region implements IPolicyValidationContext; StackTemplates replaces it.
func (t *allTemplates) Region() *string { return t.given.Region() }

// AppConstruct implements IPolicyValidationContext.
func (t *allTemplates) AppConstruct() cdkconstructs.IConstruct { return t.given.AppConstruct() }

// TemplatePaths implements IPolicyValidationContext.
func (t *allTemplates) TemplatePaths() *[]*string {
	paths := []*string{}
	for _, s := range t.assembly.Stacks {
		paths = append(paths, jsii.String(s.File))
	}
	return &paths
}

// StackTemplates implements IPolicyValidationContext.
func (t *allTemplates) StackTemplates() *[]*awscdk.PolicyValidationStack {
	templates := []*awscdk.PolicyValidationStack{}
	for _, s := range t.assembly.Stacks {
		templates = append(templates, &awscdk.PolicyValidationStack{
			StackConstructPath: jsii.String(s.Path), TemplatePath: jsii.String(s.File),
			AccountId: stringOrNil(s.Account()), Region: stringOrNil(s.Region()),
		})
	}
	return &templates
}

func stringOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// withoutAccepted removes the resources for which the rule is accepted, and violations
// that have no other resource.
func withoutAccepted(a *assembly.Assembly, violations []*awscdk.PolicyViolation) []*awscdk.PolicyViolation {
	accepted := acceptances(a)
	var kept []*awscdk.PolicyViolation
	for _, violation := range violations {
		places := slices.DeleteFunc(slices.Clone(*violation.ViolatingResources), func(place *awscdk.PolicyViolatingResource) bool {
			return isAccepted(accepted, validatorPrefix+*violation.RuleName, pathOf(a, place))
		})
		if len(places) > 0 {
			violation.ViolatingResources = &places
			kept = append(kept, violation)
		}
	}
	return kept
}

// pathOf returns the path of the construct of a violating resource, or "".
func pathOf(a *assembly.Assembly, place *awscdk.PolicyViolatingResource) string {
	if place.ConstructPath != nil {
		return *place.ConstructPath
	}
	for _, s := range a.Stacks {
		if place.TemplatePath != nil && s.File == *place.TemplatePath && place.ResourceLogicalId != nil {
			return s.Resources[*place.ResourceLogicalId].Path
		}
	}
	return ""
}
