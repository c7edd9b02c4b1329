package constructs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewRegionalWebACL() {
	stack := newStack()
	acl := constructs.NewRegionalWebACL(stack, "Protection", &constructs.RegionalWebACLProps{
		Name: "shop-prod-sign-in",
		Rules: constructs.WebACLRules{
			PerAddress: constructs.RateLimit{Requests: 100},
			// On trial: people use VPNs as well.
			ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{constructs.AnonymousIP: constructs.RuleCount},
		},
	})
	pool := awscognito.NewUserPool(stack, jsii.String("Users"), nil)
	acl.Protect(*pool.UserPoolArn())
	fmt.Println(acl.WCU(), "of 1500 units")
	// Output: 1207 of 1500 units
}

func regionalWebACL(props constructs.RegionalWebACLProps) map[string]any {
	return build(func(stack awscdk.Stack) { constructs.NewRegionalWebACL(stack, "Acl", &props) })
}

func TestRegionalWebACL_DefaultAction_IsAllow(t *testing.T) {
	properties := at(only(t, regionalWebACL(constructs.RegionalWebACLProps{Name: "shop"}), "AWS::WAFv2::WebACL"), "Properties")
	equal(t, "scope", at(properties, "Scope"), `"REGIONAL"`)
	equal(t, "name", at(properties, "Name"), `"shop"`)
	equal(t, "default", at(properties, "DefaultAction"), `{"Allow": {}}`)
}

func TestRegionalWebACL_CountsWithoutSamples(t *testing.T) {
	properties := at(only(t, regionalWebACL(constructs.RegionalWebACLProps{Name: "shop"}), "AWS::WAFv2::WebACL"), "Properties")
	check := func(what, name string, visibility any) {
		equal(t, what, visibility, fmt.Sprintf(`{"CloudWatchMetricsEnabled": true, "SampledRequestsEnabled": false, "MetricName": %q}`, name))
	}
	check("web ACL", "shop", at(properties, "VisibilityConfig"))
	for _, rule := range at(properties, "Rules").([]any) {
		check("rule", at(rule, "Name").(string), at(rule, "VisibilityConfig"))
	}
}

func TestWebACL_DataProtection_HidesTokensAndBodies(t *testing.T) {
	template := regionalWebACL(constructs.RegionalWebACLProps{Name: "shop"})
	equal(t, "protection", at(only(t, template, "AWS::WAFv2::WebACL"), "Properties", "DataProtectionConfig", "DataProtections"), `[
		{"Action": "SUBSTITUTION", "Field": {"FieldType": "SINGLE_HEADER", "FieldKeys": ["authorization", "cookie", "x-forwarder-secret"]}},
		{"Action": "SUBSTITUTION", "Field": {"FieldType": "QUERY_STRING"}},
		{"Action": "SUBSTITUTION", "Field": {"FieldType": "BODY"}}]`)
	equal(t, "redaction", at(only(t, template, "AWS::WAFv2::LoggingConfiguration"), "Properties", "RedactedFields"), `[
		{"QueryString": {}}, {"SingleHeader": {"Name": "authorization"}}, {"SingleHeader": {"Name": "cookie"}},
		{"SingleHeader": {"Name": "x-forwarder-secret"}}]`)
}

func TestRegionalWebACL_Log_HasOnlyBlockedAndCountedRequests(t *testing.T) {
	template := regionalWebACL(constructs.RegionalWebACLProps{Name: "shop"})
	logging := only(t, template, "AWS::WAFv2::LoggingConfiguration")
	equal(t, "filter", at(logging, "Properties", "LoggingFilter"), `{"DefaultBehavior": "DROP", "Filters": [{
		"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": [
			{"ActionCondition": {"Action": "BLOCK"}}, {"ActionCondition": {"Action": "COUNT"}}, {"ActionCondition": {"Action": "EXCLUDED_AS_COUNT"}}]}]}`)
}

func TestRegionalWebACL_LogGroup_AllowsLogDelivery(t *testing.T) {
	template := regionalWebACL(constructs.RegionalWebACLProps{Name: "shop", LogRetentionDays: 14})
	group := only(t, template, "AWS::Logs::LogGroup")
	equal(t, "name", at(group, "Properties", "LogGroupName"), `"aws-waf-logs-shop"`)
	equal(t, "retention", at(group, "Properties", "RetentionInDays"), `14`)
	equal(t, "DeletionPolicy", group["DeletionPolicy"], `"RetainExceptOnCreate"`)
	logging := only(t, template, "AWS::WAFv2::LoggingConfiguration")
	equal(t, "destination", at(logging, "Properties", "LogDestinationConfigs"),
		`["arn:aws:logs:eu-west-2:111122223333:log-group:aws-waf-logs-shop"]`)
	if n := len(logging["DependsOn"].([]any)); n != 2 {
		t.Errorf("logging waits for %v, want the log group and its policy", logging["DependsOn"])
	}
	document := logPolicy(t, template)
	equal(t, "policy", document["Statement"], `[{
		"Sid": "LogDelivery", "Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"},
		"Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
		"Resource": "arn:aws:logs:eu-west-2:111122223333:log-group:aws-waf-logs-shop:log-stream:*",
		"Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-2:111122223333:*"}}}]`)
	disposable := only(t, regionalWebACL(constructs.RegionalWebACLProps{Name: "shop", Disposable: true}), "AWS::Logs::LogGroup")
	equal(t, "DeletionPolicy", disposable["DeletionPolicy"], `"Delete"`)
}

// logPolicy decodes the policy of log delivery, which a template holds as text.
func logPolicy(t *testing.T, template map[string]any) map[string]any {
	t.Helper()
	text := at(only(t, template, "AWS::Logs::ResourcePolicy"), "Properties", "PolicyDocument").(string)
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func TestProtect_StagesAndUserPools_AreAssociated(t *testing.T) {
	arns := []string{
		"arn:aws:apigateway:eu-west-2::/restapis/a1b2c3d4e5/stages/prod",
		"arn:aws:cognito-idp:eu-west-2:111122223333:userpool/eu-west-2_AbCdEfGhI",
	}
	template := build(func(stack awscdk.Stack) {
		acl := constructs.NewRegionalWebACL(stack, "Acl", &constructs.RegionalWebACLProps{Name: "shop"})
		for _, arn := range arns {
			acl.Protect(arn)
		}
	})
	got := map[any]bool{}
	for _, association := range all(template, "AWS::WAFv2::WebACLAssociation") {
		got[at(association, "Properties", "ResourceArn")] = true
		equal(t, "web ACL", at(association, "Properties", "WebACLArn", "Fn::GetAtt", 1), `"Arn"`)
	}
	for _, arn := range arns {
		if !got[arn] {
			t.Errorf("%s is not protected: %v", arn, got)
		}
	}
}

func TestProtect_OtherResources_AreRefused(t *testing.T) {
	acl := constructs.NewRegionalWebACL(newStack(), "Acl", &constructs.RegionalWebACLProps{Name: "shop"})
	for _, arn := range []string{
		"", "a1b2c3d4e5",
		"arn:aws:apigateway:eu-west-2::/apis/a1b2c3d4e5/stages/prod",
		"arn:aws:apigateway:eu-west-2::/restapis/a1b2c3d4e5",
		"arn:aws:elasticloadbalancing:eu-west-2:111122223333:loadbalancer/app/a/b",
	} {
		refused(t, func() { acl.Protect(arn) }, "arn")
	}
	message := fmt.Sprint(panicOf(func() { acl.Protect("arn:aws:apigateway:eu-west-2::/apis/a1b2c3d4e5/stages/prod") }))
	if !strings.Contains(message, "WafProtectedApi") {
		t.Errorf("the error does not say what protects an HTTP API: %s", message)
	}
}

func TestRegionalWebACL_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	for _, name := range []string{"", "a b", strings.Repeat("a", 49)} {
		refused(t, func() {
			constructs.NewRegionalWebACL(stack, "Name"+name, &constructs.RegionalWebACLProps{Name: name})
		}, "Name")
	}
	refused(t, func() {
		constructs.NewRegionalWebACL(stack, "Retention", &constructs.RegionalWebACLProps{Name: "a", LogRetentionDays: 2})
	}, "LogRetentionDays")
	refused(t, func() { constructs.NewRegionalWebACL(stack, "None", nil) }, "Name")
}
