package policy

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

// pluginName is the prefix of the rules' ids in CDK's report.
const pluginName = "policy"

// severity is CDK's word for a finding that its own acknowledgements do not
// suppress. An acknowledgement counts for the whole app, Accept for one construct.
const severity = "fatal"

// plugin implements CDK's IPolicyValidationPlugin with this package's rules.
type plugin struct {
	dir    string
	props  Props
	stages *stagePacks
}

// Name implements IPolicyValidationPlugin.
func (p *plugin) Name() *string { return jsii.String(pluginName) }

// Version implements IPolicyValidationPlugin.
func (p *plugin) Version() *string { return jsii.String("1.0.0") }

// RuleIds implements IPolicyValidationPlugin.
func (p *plugin) RuleIds() *[]*string {
	var ids []*string
	for _, rule := range Rules() {
		ids = append(ids, jsii.String(rule.ID))
	}
	return &ids
}

// Validate implements IPolicyValidationPlugin. It recovers from panics, because a
// panic would leave jsii's Node process inside the callback for ever.
func (p *plugin) Validate(awscdk.IPolicyValidationContext) (report *awscdk.PolicyValidationPluginReport) {
	defer func() {
		if reason := recover(); reason != nil {
			report = failure(fmt.Sprint(reason))
		}
	}()
	a, err := assembly.Read(p.dir)
	if err != nil {
		return failure(err.Error())
	}
	if path := p.stages.uncheckedStack(a); path != "" {
		return failure("cdk-nag did not check " + path + "; synthesize the app without SkipValidation")
	}
	findings := check(a, p.props)
	violations := make([]*awscdk.PolicyViolation, len(findings))
	for i, f := range findings {
		violations[i] = f.violation()
	}
	return &awscdk.PolicyValidationPluginReport{Success: jsii.Bool(len(violations) == 0), Violations: &violations}
}

func (f Finding) violation() *awscdk.PolicyViolation {
	where := &awscdk.PolicyViolatingResource{ConstructPath: jsii.String(f.Construct), Locations: &[]*string{}}
	if f.LogicalID != "" {
		where.ResourceLogicalId, where.TemplatePath = jsii.String(f.LogicalID), jsii.String(f.Template)
	}
	return &awscdk.PolicyViolation{
		RuleName:           jsii.String(f.Rule.ID),
		Description:        jsii.String(f.Message + ". " + f.Rule.Why),
		Fix:                jsii.String(f.Rule.Fix),
		Severity:           jsii.String(severity),
		ViolatingResources: &[]*awscdk.PolicyViolatingResource{where},
	}
}

// failure returns the report of a check that could not run.
func failure(reason string) *awscdk.PolicyValidationPluginReport {
	return &awscdk.PolicyValidationPluginReport{
		Success:    jsii.Bool(false),
		Violations: &[]*awscdk.PolicyViolation{},
		Metadata:   &map[string]*string{"error": jsii.String("policy: the rules could not be checked: " + reason)},
	}
}
