package policy

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// validator is CDK's CloudFormation validator without the findings that Accept
// has taken. CDK itself would take an acknowledgement of one resource for the
// whole app. Being of the validator's type, it stands in for the one that CDK
// adds unasked.
type validator struct {
	awscdk.CloudFormationValidatePlugin
	dir string
}

func newValidator(dir string) *validator {
	v := &validator{dir: dir}
	awscdk.NewCloudFormationValidatePlugin_Override(v, &awscdk.CloudFormationValidatePluginProps{})
	return v
}

// Validate overrides the validator's. A panic must not leave it, as in plugin.
func (v *validator) Validate(context awscdk.IPolicyValidationContext) (report *awscdk.PolicyValidationPluginReport) {
	defer func() {
		if reason := recover(); reason != nil {
			report = failure(fmt.Sprint(reason))
		}
	}()
	report = v.CloudFormationValidatePlugin.Validate(context)
	a, err := assembly.Read(v.dir)
	if err != nil {
		return failure(err.Error())
	}
	violations := withoutAccepted(a, *report.Violations)
	failed := slices.ContainsFunc(violations, func(violation *awscdk.PolicyViolation) bool { return *violation.Severity == "error" })
	report.Violations, report.Success = &violations, jsii.Bool(!failed)
	return report
}

// withoutAccepted drops the places where the rule is accepted, and violations
// that have no other.
func withoutAccepted(a *assembly.Assembly, violations []*awscdk.PolicyViolation) []*awscdk.PolicyViolation {
	accepted := acceptances(a)
	var kept []*awscdk.PolicyViolation
	for _, violation := range violations {
		places := slices.DeleteFunc(slices.Clone(*violation.ViolatingResources), func(place *awscdk.PolicyViolatingResource) bool {
			return covered(accepted, validatorPrefix+*violation.RuleName, pathOf(a, place))
		})
		if len(places) > 0 {
			violation.ViolatingResources = &places
			kept = append(kept, violation)
		}
	}
	return kept
}

// pathOf finds the construct that the validator means.
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
