package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

const certificateARN = "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"

func ExampleWafProtectedApi_existingAPI() {
	edge := newEdgeStack(constructs.EdgeRegion)
	zone := awsroute53.HostedZone_FromHostedZoneAttributes(edge, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
		HostedZoneId: jsii.String("Z0123456789ABCDEFGHIJ"), ZoneName: jsii.String("example.com"),
	})
	protected := constructs.NewWafProtectedApi(edge, "Edge", &constructs.WafProtectedApiProps{
		Name:             "shop-prod",
		OriginSecretName: "shop/prod/origin",
		Api:              constructs.ApiReference{ID: "a1b2c3d4e5", Region: "eu-west-2", Stage: "prod"},
		Domain: constructs.EdgeDomain{
			Name:           "api.example.com",
			AlternateNames: []string{"api-v2.example.com"},
			Certificate: awscertificatemanager.Certificate_FromCertificateArn(edge, jsii.String("Certificate"),
				jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab")),
			Zone: zone,
		},
		Rules: constructs.WebACLRules{Addresses: constructs.AddressLists{
			Block: []string{"198.51.100.0/24", "2001:db8::/32"},
			Trust: []string{"203.0.113.7/32"},
		}},
	})
	fmt.Println(protected.WCU(), "of 1500 units")
	// Output: 1214 of 1500 units
}

func ExampleNewApiOriginAuthorizer() {
	stack := newStack()
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
	key := constructs.NewDataKey(stack, "SecretKey", &constructs.DataKeyProps{
		Alias: "shop/prod/secrets", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	guard := constructs.NewApiOriginGuard(stack, "OriginGuard", &constructs.ApiOriginGuardProps{
		SecretName: "shop/prod/origin", Api: constructs.ApiReference{Api: api}, EncryptionKey: key.Key,
	})
	authorizer := constructs.NewApiOriginAuthorizer(stack, "FromEdge", &constructs.ApiOriginAuthorizerProps{
		Name: "shop-prod-from-edge", Guard: guard, Code: constructs.GoBundle{Package: "./origincheck/authorizer", OutputDir: outputDir()},
	})
	orders := awslambda.Function_FromFunctionName(stack, jsii.String("Orders"), jsii.String("shop-prod-orders"))
	api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path:        jsii.String("/orders"),
		Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Orders"), orders, nil),
		Authorizer:  authorizer.Authorizer(),
	})
	fmt.Println(constructs.UnexplainedWildcards(*assertions.Template_FromStack(stack, nil).ToJSON()))
	// Output: []
}

func TestApiOriginAuthorizer_Route_TakesOnlyWhatShowsTheSecret(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
		guard := constructs.NewApiOriginGuard(stack, "Guard", &constructs.ApiOriginGuardProps{
			SecretName: "origin", Api: constructs.ApiReference{Api: api}, EncryptionKey: importedKey(stack, "Key"),
		})
		authorizer := constructs.NewApiOriginAuthorizer(stack, "FromEdge", &constructs.ApiOriginAuthorizerProps{Name: "from-edge", Guard: guard, Code: bootstrap(t)})
		api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path: jsii.String("/orders"), Authorizer: authorizer.Authorizer(),
			Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Orders"),
				awslambda.Function_FromFunctionName(stack, jsii.String("Orders"), jsii.String("orders")), nil),
		})
	})
	equal(t, "route", at(only(t, template, "AWS::ApiGatewayV2::Route"), "Properties", "AuthorizationType"), `"CUSTOM"`)
	authorizer := only(t, template, "AWS::ApiGatewayV2::Authorizer")["Properties"]
	equal(t, "identity", at(authorizer, "IdentitySource"), `["$request.header.x-origin-secret"]`)
	equal(t, "answers", at(authorizer, "EnableSimpleResponses"), `true`)
	if unexplained := constructs.UnexplainedWildcards(template); len(unexplained) > 0 {
		t.Errorf("the authorizer has wildcards: %v", unexplained)
	}
	refused(t, func() { constructs.NewApiOriginAuthorizer(newStack(), "None", nil) }, "Guard", "Name")
}

func TestWafProtectedApi_StageOfAnAPI_IsTheOriginsPath(t *testing.T) {
	for stage, want := range map[string]string{"prod": `"/prod"`, "$default": `null`, "": `null`} {
		d := distribution(t, func(p *constructs.WafProtectedApiProps) {
			p.Api = constructs.ApiReference{ID: "a1b2c3d4e5", Region: "eu-west-2", Stage: stage}
		})
		equal(t, "path for "+stage, at(d, "Origins", 0, "OriginPath"), want)
	}
}

func TestWafProtectedApi_ExistingWebACL_TakesThePlaceOfItsOwn(t *testing.T) {
	const arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/organisation/1234abcd-12ab-34cd-56ef-1234567890ab"
	template := edge(func(p *constructs.WafProtectedApiProps) { p.WebACLARN = arn })
	equal(t, "web ACL", at(only(t, template, "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "WebACLId"), `"`+arn+`"`)
	if own := len(all(template, "AWS::WAFv2::WebACL")) + len(all(template, "AWS::WAFv2::LoggingConfiguration")); own > 0 {
		t.Errorf("the template has %d resources of AWS WAF", own)
	}
}

func TestWafProtectedApi_NamesInAZone_HaveARecordsForBothIPs(t *testing.T) {
	template := withDomain(t, true)
	records := map[string]bool{}
	for _, r := range all(template, "AWS::Route53::RecordSet") {
		records[fmt.Sprint(at(r, "Properties", "Name"), at(r, "Properties", "Type"))] = true
	}
	for _, want := range []string{"api.example.com.A", "api.example.com.AAAA", "v2.example.com.A", "v2.example.com.AAAA"} {
		if !records[want] {
			t.Errorf("no record %s in %v", want, records)
		}
	}
	equal(t, "names", at(only(t, template, "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "Aliases"), `["api.example.com", "v2.example.com"]`)
}

func TestWafProtectedApi_NamesWithoutAZone_AreOutputs(t *testing.T) {
	outputs := fmt.Sprint(withDomain(t, false)["Outputs"])
	for _, name := range []string{"api.example.com", "v2.example.com"} {
		if !strings.Contains(outputs, "Make "+name+" an alias") {
			t.Errorf("no output tells the record of %s: %s", name, outputs)
		}
	}
}

func withDomain(t *testing.T, zone bool) map[string]any {
	t.Helper()
	stack := newEdgeStack(constructs.EdgeRegion)
	domain := constructs.EdgeDomain{
		Name: "api.example.com", AlternateNames: []string{"v2.example.com"},
		Certificate: awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("C"), jsii.String(certificateARN)),
	}
	if zone {
		domain.Zone = awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Zone"), &awsroute53.HostedZoneAttributes{
			HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com"),
		})
	}
	constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin", Domain: domain})
	return synth(stack)
}

// counting is a rule of a user's own.
func counting(name string) awswafv2.CfnWebACL_RuleProperty {
	return awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(0), Action: map[string]any{"count": map[string]any{}},
		Statement: map[string]any{"geoMatchStatement": map[string]any{"countryCodes": []string{"GB"}}},
		VisibilityConfig: &awswafv2.CfnWebACL_VisibilityConfigProperty{
			MetricName: jsii.String(name), CloudWatchMetricsEnabled: jsii.Bool(true), SampledRequestsEnabled: jsii.Bool(false),
		},
	}
}

func TestWebACLRules_AddressLists_ComeFirstAndExtraRulesLast(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) {
		p.Rules.Addresses = constructs.AddressLists{
			Block: []string{"198.51.100.0/24", "2001:db8::/32"}, Trust: []string{"203.0.113.7/32"}, Only: []string{"0.0.0.0/1", "128.0.0.0/1"},
		}
		p.Rules.Extra, p.Rules.ExtraWCU = []awswafv2.CfnWebACL_RuleProperty{counting("British")}, 1
	})
	acl := only(t, template, "AWS::WAFv2::WebACL")
	rules, _ := at(acl, "Properties", "Rules").([]any)
	for i, want := range []string{"AddressesBlocked", "AddressesTrusted", "AddressesOnly"} {
		if got := at(rules[i], "Name"); got != want {
			t.Errorf("rule %d is %v, want %s", i, got, want)
		}
	}
	equal(t, "trusted", at(rules[1], "Action"), `{"Allow": {}}`)
	equal(t, "blocked", at(rules[0], "RuleLabels"), `[{"Name": "blocked:refused"}]`)
	if at(rules[2], "Statement", "NotStatement") == nil {
		t.Errorf("the list of those who may call blocks them: %v", at(rules[2], "Statement"))
	}
	last := rules[len(rules)-1]
	equal(t, "last rule", at(last, "Name"), `"British"`)
	if got := at(last, "Priority"); got != float64(len(rules)-1) {
		t.Errorf("the last rule has priority %v", got)
	}
	versions := map[any]bool{}
	for _, set := range all(template, "AWS::WAFv2::IPSet") {
		versions[at(set, "Properties", "Name")] = true
		equal(t, "scope", at(set, "Properties", "Scope"), `"CLOUDFRONT"`)
	}
	for _, want := range []string{"shop-BlockedIPV4", "shop-BlockedIPV6", "shop-TrustedIPV4", "shop-OnlyIPV4"} {
		if !versions[want] {
			t.Errorf("no IP set %s in %v", want, versions)
		}
	}
}

func TestWafProtectedApi_OptionsThatCannotBe_AreRefused(t *testing.T) {
	nameless := counting("x")
	nameless.Name = nil
	certificate := func(stack awscdk.Stack) awscertificatemanager.ICertificate {
		return awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String("C"), jsii.String(certificateARN))
	}
	for name, tc := range map[string]struct {
		spoil func(awscdk.Stack, *constructs.WafProtectedApiProps)
		props []string
	}{
		"regional web ACL": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.WebACLARN = "arn:aws:wafv2:eu-west-2:111122223333:regional/webacl/x/1"
		}, []string{"WebACLARN"}},
		"rules beside a web ACL": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.WebACLARN = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/x/1"
			p.Rules.MaxBodyBytes = 100
		}, []string{"Rules"}},
		"stage with a domain": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Api = constructs.ApiReference{Domain: "origin.example.com", Stage: "prod"}
		}, []string{"Api.Stage"}},
		"stage with a slash": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) { p.Api.Stage = "/prod" }, []string{"Api.Stage"}},
		"name outside the zone": {func(stack awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Domain = constructs.EdgeDomain{Name: "api.example.org", Certificate: certificate(stack),
				Zone: awsroute53.HostedZone_FromHostedZoneAttributes(stack, jsii.String("Z"), &awsroute53.HostedZoneAttributes{
					HostedZoneId: jsii.String("Z1"), ZoneName: jsii.String("example.com")})}
		}, []string{"Domain.Name"}},
		"name twice": {func(stack awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Domain = constructs.EdgeDomain{Name: "api.example.org", AlternateNames: []string{"api.example.org"}, Certificate: certificate(stack)}
		}, []string{"Domain.AlternateNames[0]"}},
		"address without a range": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Addresses.Block = []string{"198.51.100.7"}
		}, []string{"Rules.Addresses.Block[0]"}},
		"range that begins in its middle": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Addresses.Only = []string{"198.51.100.7/24"}
		}, []string{"Rules.Addresses.Only[0]"}},
		"everybody": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Addresses.Trust = []string{"0.0.0.0/0"}
		}, []string{"Rules.Addresses.Trust[0]"}},
		"extra rule without a name": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Extra, p.Rules.ExtraWCU = []awswafv2.CfnWebACL_RuleProperty{nameless}, 1
		}, []string{"Rules.Extra[0].Name"}},
		"extra rule with a name of ours": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Extra, p.Rules.ExtraWCU = []awswafv2.CfnWebACL_RuleProperty{counting("BodySize")}, 1
		}, []string{"Rules.Extra[0].Name"}},
		"extra rule without its capacity": {func(_ awscdk.Stack, p *constructs.WafProtectedApiProps) {
			p.Rules.Extra = []awswafv2.CfnWebACL_RuleProperty{counting("British")}
		}, []string{"Rules.ExtraWCU"}},
	} {
		t.Run(name, func(t *testing.T) {
			stack := newEdgeStack(constructs.EdgeRegion)
			props := constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin"}
			tc.spoil(stack, &props)
			refused(t, func() { constructs.NewWafProtectedApi(stack, "Edge", &props) }, tc.props...)
		})
	}
}
