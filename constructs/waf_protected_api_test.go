package constructs_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewWafProtectedApi() {
	app := awscdk.NewApp(nil)
	stackIn := func(id, region string) awscdk.Stack {
		return awscdk.NewStack(app, jsii.String(id), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(region)},
		})
	}

	home := stackIn("Api", "eu-west-2")
	key := constructs.NewDataKey(home, "SecretKey", &constructs.DataKeyProps{
		Alias: "shop/prod/secrets", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	api := awsapigatewayv2.NewHttpApi(home, jsii.String("Api"), &awsapigatewayv2.HttpApiProps{CreateDefaultStage: jsii.Bool(false)})
	guard := constructs.NewApiOriginGuard(home, "OriginGuard", &constructs.ApiOriginGuardProps{
		SecretName:    "shop/prod/origin",
		Api:           constructs.ApiReference{Api: api},
		EncryptionKey: key.Key,
	})

	edge := stackIn("Edge", constructs.EdgeRegion)
	edge.AddStackDependency(home, jsii.String("the edge reads the secret that the guard makes"))
	protected := constructs.NewWafProtectedApi(edge, "Edge", &constructs.WafProtectedApiProps{
		Name:             "shop-prod",
		OriginSecretName: "shop/prod/origin",
		Cors:             constructs.EdgeCors{Origins: []string{"capacitor://localhost"}},
		Rules: constructs.WebACLRules{
			PerPath:    []constructs.PathRate{{PathPrefix: "/auth/login", Requests: 20, Window: time.Minute}},
			BodyLimits: []constructs.BodyLimit{{PathPrefix: "/transactions/import", MaxBytes: 65536}},
		},
	})
	fmt.Println(guard.AllowRead()[0].Actions, protected.WCU(), "of 1500 units")
	// Output: [secretsmanager:GetSecretValue] 1280 of 1500 units
}

func newEdgeStack(region string) awscdk.Stack {
	props := &awscdk.StackProps{}
	if region != "" {
		props.Env = &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String(region)}
	}
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{"@aws-cdk/core:enablePartitionLiterals": true}})
	return awscdk.NewStack(app, jsii.String("Edge"), props)
}

// edge builds an edge and returns its template.
func edge(change func(p *constructs.WafProtectedApiProps)) map[string]any {
	stack := newEdgeStack(constructs.EdgeRegion)
	props := constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin"}
	change(&props)
	constructs.NewWafProtectedApi(stack, "Edge", &props)
	return synth(stack)
}

func distribution(t *testing.T, change func(p *constructs.WafProtectedApiProps)) any {
	t.Helper()
	return at(only(t, edge(change), "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig")
}

func asItIs(*constructs.WafProtectedApiProps) {}

func TestWafProtectedApi_NeedsOnlySecretNameOfHomeStack(t *testing.T) {
	origin := at(distribution(t, asItIs), "Origins", 0)
	equal(t, "host", at(origin, "DomainName"), `"{{resolve:secretsmanager:shop/origin:SecretString:ORIGIN_HOST::}}"`)
	equal(t, "header", at(origin, "OriginCustomHeaders"), `[{
		"HeaderName": "x-origin-secret", "HeaderValue": "{{resolve:secretsmanager:shop/origin:SecretString:ORIGIN_SECRET::}}"}]`)
}

func TestWafProtectedApi_OriginSecretVersion_IsReferenced(t *testing.T) {
	const version = "0f6a8c1e-9d0b-4c51-8a55-0123456789ab"
	origin := at(distribution(t, func(p *constructs.WafProtectedApiProps) { p.OriginSecretVersion = version }), "Origins", 0)
	equal(t, "host", at(origin, "DomainName"), `"{{resolve:secretsmanager:shop/origin:SecretString:ORIGIN_HOST::`+version+`}}"`)
	equal(t, "header", at(origin, "OriginCustomHeaders", 0, "HeaderValue"), `"{{resolve:secretsmanager:shop/origin:SecretString:ORIGIN_SECRET::`+version+`}}"`)
}

func TestApiReference_DomainOrIDAndRegion_GivesHost(t *testing.T) {
	for want, api := range map[string]constructs.ApiReference{
		"origin-api.example.com":                         {Domain: "origin-api.example.com"},
		"a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com": {ID: "a1b2c3d4e5", Region: "eu-west-2"},
	} {
		equal(t, "host", at(distribution(t, func(p *constructs.WafProtectedApiProps) { p.Api = api }), "Origins", 0, "DomainName"), `"`+want+`"`)
	}
}

func TestApiReference_APIOfSameRegion_IsReferenced(t *testing.T) {
	stack := newEdgeStack(constructs.EdgeRegion)
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
	constructs.NewWafProtectedApi(stack, "Edge", &constructs.WafProtectedApiProps{
		Name: "shop", OriginSecretName: "shop/origin", Api: constructs.ApiReference{Api: api},
	})
	host := at(only(t, synth(stack), "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "Origins", 0, "DomainName", "Fn::Join", 1)
	id, _ := at(host, 0, "Ref").(string)
	if !strings.HasPrefix(id, "Api") || at(host, 1) != ".execute-api.us-east-1.amazonaws.com" {
		t.Errorf("the host is %v, want the API's", host)
	}
}

func TestWafProtectedApi_ForwardsEverythingAndCachesNothing(t *testing.T) {
	config := distribution(t, asItIs)
	behavior := at(config, "DefaultCacheBehavior")
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
	equal(t, "cache policy (CachingDisabled)", at(behavior, "CachePolicyId"), `"4135ea2d-6df8-44a3-9df3-4b5a84be39ad"`)
	// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
	equal(t, "origin request policy (AllViewerExceptHostHeader)", at(behavior, "OriginRequestPolicyId"), `"b689b0a8-53d0-40ab-baf2-68738e2966ac"`)
	equal(t, "methods", at(behavior, "AllowedMethods"), `["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]`)
	equal(t, "compression", at(behavior, "Compress"), `false`)
	equal(t, "HTTP versions", at(config, "HttpVersion"), `"http2and3"`)
}

func TestWafProtectedApi_ViewerCountry_SendsCountryAndHostOfAPI(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) {
		p.ViewerCountry, p.Api = true, constructs.ApiReference{Domain: "origin.example.com"}
	})
	policy := at(only(t, template, "AWS::CloudFront::OriginRequestPolicy"), "Properties", "OriginRequestPolicyConfig")
	equal(t, "headers", at(policy, "HeadersConfig"), `{"HeaderBehavior": "allViewerAndWhitelistCloudFront", "Headers": ["CloudFront-Viewer-Country"]}`)
	equal(t, "cookies", at(policy, "CookiesConfig", "CookieBehavior"), `"all"`)
	equal(t, "query", at(policy, "QueryStringsConfig", "QueryStringBehavior"), `"all"`)
	behavior := at(only(t, template, "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "DefaultCacheBehavior")
	if id, _ := at(behavior, "OriginRequestPolicyId", "Ref").(string); !strings.HasPrefix(id, "Edge") {
		t.Errorf("the policy is %v", at(behavior, "OriginRequestPolicyId"))
	}
	equal(t, "cache policy (CachingDisabled)", at(behavior, "CachePolicyId"), `"4135ea2d-6df8-44a3-9df3-4b5a84be39ad"`)
	code, _ := at(only(t, template, "AWS::CloudFront::Function"), "Properties", "FunctionCode").(string)
	if !strings.HasPrefix(code, "import cf from 'cloudfront';\n") {
		t.Errorf("the function begins %.60s", code)
	}
	answer := atTheEdge(t, template, `{"context": {"eventType": "viewer-request"}, "viewer": {"ip": "203.0.113.7"},
		"request": {"method": "GET", "headers": {"host": {"value": "api.example.com"}}}}`)
	equal(t, "Host for the origin", at(answer, "originHost"), `"origin.example.com"`)
}

func TestWafProtectedApi_BothSides_UseTLS(t *testing.T) {
	config := distribution(t, func(p *constructs.WafProtectedApiProps) {
		p.Domain = constructs.EdgeDomain{Name: "api.example.com", Certificate: certificate()}
	})
	equal(t, "viewers", at(config, "DefaultCacheBehavior", "ViewerProtocolPolicy"), `"https-only"`)
	equal(t, "viewers' TLS", at(config, "ViewerCertificate", "MinimumProtocolVersion"), `"TLSv1.2_2021"`)
	equal(t, "names", at(config, "Aliases"), `["api.example.com"]`)
	equal(t, "origin", at(config, "Origins", 0, "CustomOriginConfig"), `{
		"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"], "OriginReadTimeout": 35}`)
}

func certificate() awscertificatemanager.ICertificate {
	return awscertificatemanager.Certificate_FromCertificateArn(newEdgeStack(constructs.EdgeRegion), jsii.String("Certificate"),
		jsii.String("arn:aws:acm:us-east-1:111122223333:certificate/0f6a8c1e"))
}

func TestWafProtectedApi_Responses_HaveSecurityHeaders(t *testing.T) {
	template := edge(asItIs)
	config := at(only(t, template, "AWS::CloudFront::ResponseHeadersPolicy"), "Properties", "ResponseHeadersPolicyConfig")
	equal(t, "security headers", at(config, "SecurityHeadersConfig"), `{
		"StrictTransportSecurity": {"AccessControlMaxAgeSec": 63072000, "IncludeSubdomains": true, "Override": true},
		"ContentTypeOptions": {"Override": true},
		"FrameOptions": {"FrameOption": "DENY", "Override": true},
		"ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": true},
		"ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'none'; frame-ancestors 'none'", "Override": true}}`)
	equal(t, "unless the API says otherwise", at(config, "CustomHeadersConfig", "Items"), `[
		{"Header": "cache-control", "Value": "no-store", "Override": false}]`)
	used := at(only(t, template, "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "DefaultCacheBehavior", "ResponseHeadersPolicyId", "Ref")
	if id, _ := used.(string); !strings.HasPrefix(id, "EdgeResponseHeaders") {
		t.Errorf("the distribution uses %v", used)
	}
}

// CloudFront does not document its response headers policy for responses of AWS WAF.
func TestWafProtectedApi_BlockResponses_HaveHeadersOfPolicy(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) {
		p.Rules.PerPath = []constructs.PathRate{{PathPrefix: "/auth/", Requests: 20, Window: time.Minute}}
		p.Rules.Responses.Headers = map[string]string{"Access-Control-Allow-Origin": "*"}
	})
	policy := at(only(t, template, "AWS::CloudFront::ResponseHeadersPolicy"), "Properties", "ResponseHeadersPolicyConfig")
	security := at(policy, "SecurityHeadersConfig")
	want := map[string]string{
		"Strict-Transport-Security":   fmt.Sprintf("max-age=%.0f; includeSubDomains", at(security, "StrictTransportSecurity", "AccessControlMaxAgeSec")),
		"X-Content-Type-Options":      "nosniff",
		"X-Frame-Options":             at(security, "FrameOptions", "FrameOption").(string),
		"Referrer-Policy":             at(security, "ReferrerPolicy", "ReferrerPolicy").(string),
		"Content-Security-Policy":     at(security, "ContentSecurityPolicy", "ContentSecurityPolicy").(string),
		"Cache-Control":               at(policy, "CustomHeadersConfig", "Items", 0, "Value").(string),
		"Access-Control-Allow-Origin": "*",
	}
	blocking, headers := 0, 0
	for _, rule := range at(only(t, template, "AWS::WAFv2::WebACL"), "Properties", "Rules").([]any) {
		response := at(rule, "Action", "Block", "CustomResponse")
		if response == nil {
			continue
		}
		blocking++
		got := map[string]string{}
		for _, header := range at(response, "ResponseHeaders").([]any) {
			headers++
			got[at(header, "Name").(string)] = at(header, "Value").(string)
		}
		delete(got, "Retry-After")
		if !maps.Equal(got, want) {
			t.Errorf("%v answers with %v, want %v", at(rule, "Name"), got, want)
		}
	}
	if blocking != 3 || headers > 100 { // two windows and what is refused
		t.Errorf("%d rules block, with %d headers; AWS WAF allows 100", blocking, headers)
	}
}

func TestWafProtectedApi_Distribution_HasWebACL(t *testing.T) {
	template := edge(asItIs)
	equal(t, "scope", at(only(t, template, "AWS::WAFv2::WebACL"), "Properties", "Scope"), `"CLOUDFRONT"`)
	equal(t, "inspection", at(only(t, template, "AWS::WAFv2::WebACL"), "Properties", "AssociationConfig", "RequestBody"),
		`{"CLOUDFRONT": {"DefaultSizeInspectionLimit": "KB_16"}}`)
	used := at(only(t, template, "AWS::CloudFront::Distribution"), "Properties", "DistributionConfig", "WebACLId", "Fn::GetAtt")
	if id, _ := at(used, 0).(string); !strings.HasPrefix(id, "EdgeWebACL") || at(used, 1) != "Arn" {
		t.Errorf("the distribution's web ACL is %v", used)
	}
}

func TestWafProtectedApi_AccessLog_HasNoPersonalData(t *testing.T) {
	template := edge(asItIs)
	delivery := at(only(t, template, "AWS::Logs::Delivery"), "Properties")
	fields, _ := at(delivery, "RecordFields").([]any)
	if len(fields) == 0 {
		t.Fatal("no fields are named, so all are delivered")
	}
	for _, field := range fields {
		switch field {
		case "c-ip", "c-port", "x-forwarded-for", "asn", "cs-uri-stem", "cs-uri-query", "cs(Cookie)", "cs(Referer)", "cs(User-Agent)":
			t.Errorf("the access log holds %s", field)
		}
	}
	source := at(only(t, template, "AWS::Logs::DeliverySource"), "Properties")
	equal(t, "log type", at(source, "LogType"), `"ACCESS_LOGS"`)
	equal(t, "delivered source", at(delivery, "DeliverySourceName"), `"`+fmt.Sprint(at(source, "Name"))+`"`)
	if id, _ := at(source, "ResourceArn", "Fn::Join", 1, 1, "Ref").(string); !strings.HasPrefix(id, "EdgeDistribution") {
		t.Errorf("the log is of %v", at(source, "ResourceArn"))
	}
	equal(t, "destination", at(only(t, template, "AWS::Logs::DeliveryDestination"), "Properties", "DestinationResourceArn"),
		`"arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/cloudfront/shop"`)
}

func TestWafProtectedApi_Logs_HaveNamesAndRetention(t *testing.T) {
	template := edge(func(p *constructs.WafProtectedApiProps) { p.LogRetentionDays, p.Disposable = 7, true })
	names := map[any]bool{}
	for _, group := range all(template, "AWS::Logs::LogGroup") {
		names[at(group, "Properties", "LogGroupName")] = true
		equal(t, "retention", at(group, "Properties", "RetentionInDays"), `7`)
		equal(t, "DeletionPolicy", group["DeletionPolicy"], `"Delete"`)
	}
	for _, name := range []string{"aws-waf-logs-cloudfront/shop", "/aws/vendedlogs/cloudfront/shop"} {
		if !names[name] {
			t.Errorf("there is no log group %s: %v", name, names)
		}
	}
	equal(t, "may be written to", at(logPolicy(t, template)["Statement"], 0, "Resource"), `[
		"arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-cloudfront/shop:log-stream:*",
		"arn:aws:logs:us-east-1:111122223333:log-group:/aws/vendedlogs/cloudfront/shop:log-stream:*"]`)
}

func TestWafProtectedApi_InvalidProps_AreRefused(t *testing.T) {
	home := newStack()
	away := awsapigatewayv2.NewHttpApi(home, jsii.String("Api"), nil)
	cases := map[string]struct {
		spoil func(p *constructs.WafProtectedApiProps)
		props []string
	}{
		"no name":          {func(p *constructs.WafProtectedApiProps) { p.Name = "" }, []string{"Name"}},
		"long name":        {func(p *constructs.WafProtectedApiProps) { p.Name = strings.Repeat("a", 49) }, []string{"Name"}},
		"no secret":        {func(p *constructs.WafProtectedApiProps) { p.OriginSecretName = "" }, []string{"OriginSecretName"}},
		"country":          {func(p *constructs.WafProtectedApiProps) { p.ViewerCountry = true }, []string{"ViewerCountry"}},
		"secret's version": {func(p *constructs.WafProtectedApiProps) { p.OriginSecretVersion = "2" }, []string{"OriginSecretVersion"}},
		"API in two ways": {func(p *constructs.WafProtectedApiProps) {
			p.Api = constructs.ApiReference{Domain: "a.example.com", ID: "a", Region: "eu-west-2"}
		}, []string{"Api"}},
		"API's domain as a URL": {func(p *constructs.WafProtectedApiProps) { p.Api.Domain = "https://a.example.com" }, []string{"Api.Domain"}},
		"API without region":    {func(p *constructs.WafProtectedApiProps) { p.Api.ID = "a" }, []string{"Api.Region"}},
		"API without id":        {func(p *constructs.WafProtectedApiProps) { p.Api.Region = "eu-west-2" }, []string{"Api.ID"}},
		"API of another region": {func(p *constructs.WafProtectedApiProps) { p.Api.Api = away }, []string{"Api.Api"}},
		"domain alone":          {func(p *constructs.WafProtectedApiProps) { p.Domain.Name = "api.example.com" }, []string{"Domain.Certificate"}},
		"certificate alone":     {func(p *constructs.WafProtectedApiProps) { p.Domain.Certificate = certificate() }, []string{"Domain.Name"}},
		"any origin":            {func(p *constructs.WafProtectedApiProps) { p.Cors.Origins = []string{"*"} }, []string{"Cors.Origins[0]"}},
		"origin with a path":    {func(p *constructs.WafProtectedApiProps) { p.Cors.Origins = []string{"ionic://localhost/"} }, []string{"Cors.Origins[0]"}},
		"unknown method":        {func(p *constructs.WafProtectedApiProps) { p.Cors.Methods = []string{"*"} }, []string{"Cors.Methods[0]"}},
		"any header":            {func(p *constructs.WafProtectedApiProps) { p.Cors.Headers = []string{"*"} }, []string{"Cors.Headers[0]"}},
		"age too long":          {func(p *constructs.WafProtectedApiProps) { p.Cors.MaxAge = 25 * time.Hour }, []string{"Cors.MaxAge"}},
		"age of half a second":  {func(p *constructs.WafProtectedApiProps) { p.Cors.MaxAge = time.Second / 2 }, []string{"Cors.MaxAge"}},
		"rules":                 {func(p *constructs.WafProtectedApiProps) { p.Rules.MaxBodyBytes = -1 }, []string{"Rules.MaxBodyBytes"}},
		"retention":             {func(p *constructs.WafProtectedApiProps) { p.LogRetentionDays = 2 }, []string{"LogRetentionDays"}},
	}
	stack := newEdgeStack(constructs.EdgeRegion)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin"}
			c.spoil(&props)
			refused(t, func() { constructs.NewWafProtectedApi(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewWafProtectedApi(stack, "none", nil) }, "Name", "OriginSecretName")
}

func TestWafProtectedApi_OutsideUsEast1_IsRefused(t *testing.T) {
	for region, word := range map[string]string{"eu-west-2": "eu-west-2", "": "unknown"} {
		stack := newEdgeStack(region)
		make := func() {
			constructs.NewWafProtectedApi(stack, "Edge"+region, &constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "shop/origin"})
		}
		refused(t, make, "scope")
		if message := fmt.Sprint(panicOf(make)); !strings.Contains(message, "region is "+word) || !strings.Contains(message, "Env.Region us-east-1") {
			t.Errorf("region %q: the error is %s", region, message)
		}
	}
}
