package constructs

import (
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/origincheck"
)

// webACLScope is the scope of a web ACL, with the resource types of its inspection
// limits.
type webACLScope struct {
	name      string
	resources []string
}

var (
	cloudFrontScope = webACLScope{"CLOUDFRONT", []string{"CLOUDFRONT"}}
	regionalScope   = webACLScope{"REGIONAL", []string{"API_GATEWAY", "COGNITO_USER_POOL"}}
)

// webACLNamePattern is shorter than AWS's limit, because other names add a prefix
// and suffix.
var webACLNamePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,48}$`)

func (p *problems) requireWebACLName(name string) {
	p.require(webACLNamePattern.MatchString(name), "Name", "is %q; use 1 to 48 letters, digits, and - _", name)
}

// newWebACL makes a web ACL. CDK has no L2 for AWS WAF, so this package writes L1
// resources.
func newWebACL(scope constructs.Construct, name string, kind webACLScope, rules WebACLRules) awswafv2.CfnWebACL {
	var list []any
	for i, rule := range rules.rules(rules.createSets(scope, name, kind)) {
		list = append(list, rule.property(i))
	}
	for _, rule := range rules.Extra {
		rule.Priority = jsii.Number(len(list))
		list = append(list, &rule)
	}
	return awswafv2.NewCfnWebACL(scope, jsii.String("WebACL"), &awswafv2.CfnWebACLProps{
		Name:                 jsii.String(name),
		Scope:                jsii.String(kind.name),
		DefaultAction:        map[string]any{"allow": map[string]any{}},
		Rules:                list,
		VisibilityConfig:     visibilityConfig(name),
		CustomResponseBodies: rules.Responses.bodies(),
		AssociationConfig:    bodyInspection(kind, rules),
		DataProtectionConfig: dataProtection(),
	})
}

func (r wafRule) property(priority int) *awswafv2.CfnWebACL_RuleProperty {
	property := &awswafv2.CfnWebACL_RuleProperty{
		Name:             jsii.String(r.name),
		Priority:         jsii.Number(priority),
		Statement:        r.statement.content,
		VisibilityConfig: visibilityConfig(r.name),
	}
	if r.managed {
		property.OverrideAction = map[string]any{"count": map[string]any{}}
	} else {
		property.Action = r.action
	}
	if r.label != "" {
		property.RuleLabels = []any{map[string]any{"name": r.label}}
	}
	return property
}

// visibilityConfig counts a rule's matches without samples. Samples show more of a
// request than the log does, to more principals.
func visibilityConfig(metric string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		MetricName:               jsii.String(metric),
		CloudWatchMetricsEnabled: jsii.Bool(true),
		SampledRequestsEnabled:   jsii.Bool(false),
	}
}

func jsonResponse(body string) *awswafv2.CfnWebACL_CustomResponseBodyProperty {
	return &awswafv2.CfnWebACL_CustomResponseBodyProperty{ContentType: jsii.String("APPLICATION_JSON"), Content: jsii.String(body)}
}

// bodyInspection makes AWS WAF inspect as much of a body as the largest limit
// allows.
func bodyInspection(kind webACLScope, rules WebACLRules) *awswafv2.CfnWebACL_AssociationConfigProperty {
	maxBytes := rules.MaxBodyBytes
	for _, limit := range rules.BodyLimits {
		maxBytes = max(maxBytes, limit.MaxBytes)
		if limit.AnyLength {
			maxBytes = maxInspection
		}
	}
	steps := (maxBytes + inspectionStep - 1) / inspectionStep
	limits := map[string]any{}
	for _, resource := range kind.resources {
		limits[resource] = map[string]any{"defaultSizeInspectionLimit": fmt.Sprintf("KB_%d", 16*steps)}
	}
	return &awswafv2.CfnWebACL_AssociationConfigProperty{RequestBody: limits}
}

// secretHeaders are the headers that no record of AWS WAF holds.
var secretHeaders = []string{"authorization", "cookie", origincheck.ForwarderHeader}

// dataProtection keeps tokens, query strings and bodies out of AWS WAF's records,
// including the details of a match.
// https://docs.aws.amazon.com/waf/latest/developerguide/data-protection-masking.html
func dataProtection() *awswafv2.CfnWebACL_DataProtectionConfigProperty {
	var protections []any
	for _, field := range []map[string]any{
		{"fieldType": "SINGLE_HEADER", "fieldKeys": secretHeaders},
		{"fieldType": "QUERY_STRING"},
		{"fieldType": "BODY"},
	} {
		protections = append(protections, map[string]any{"action": "SUBSTITUTION", "field": field})
	}
	return &awswafv2.CfnWebACL_DataProtectionConfigProperty{DataProtections: protections}
}
