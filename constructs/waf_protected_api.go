package constructs

import (
	"reflect"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// WafProtectedApiProps are the props of NewWafProtectedApi.
type WafProtectedApiProps struct {
	// Name is the web ACL's physical name; the log groups are
	// aws-waf-logs-cloudfront/<Name> and /aws/vendedlogs/cloudfront/<Name>. 1 to
	// 48 letters, digits, and - _. Required.
	Name string
	// OriginSecretName is the SecretName of the API's ApiOriginGuard. Required.
	OriginSecretName string
	// OriginSecretVersion is the id of the secret's version that CloudFront sends.
	// Change it to rotate. Default: the version that is current when the
	// distribution is made.
	OriginSecretVersion string
	// Api identifies the API. Default: the host that the ApiOriginGuard wrote into
	// the secret.
	Api ApiReference
	// ViewerCountry sends the client's country to the API, in the header
	// CloudFront-Viewer-Country (origincheck.CountryHeader). The origin request policy
	// that CloudFront needs for it also forwards Host, so the edge's function sets Host
	// to that of Api. It needs Api. Default: false.
	ViewerCountry bool
	// Domain holds the domain names of the API. Default: none, clients call the
	// distribution's own name, for which CloudFront accepts old TLS versions.
	Domain EdgeDomain
	// WebACLARN is an existing web ACL for CloudFront, such as the organisation's.
	// It replaces the construct's own web ACL, and its owner configures its logs.
	// Leave Rules out. Default: none.
	WebACLARN string
	// Cors answers CORS requests from origins that the API does not accept.
	// Default: none.
	Cors EdgeCors
	// Rules are the web ACL's rules. Default: see WebACLRules.
	Rules WebACLRules
	// LogRetentionDays is how many days logs are kept. CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the logs, for example a DataKey with KeyServiceLogs in
	// us-east-1. Default: none, CloudWatch Logs uses its own key.
	LogKey awskms.IKey
	// Disposable deletes the logs with the stack. Default: false, the logs stay
	// until their retention ends.
	Disposable bool

	rulesOmitted bool // before the defaults are filled in
}

// WafProtectedApi is an HTTP API behind AWS WAF. AWS WAF cannot be attached to an
// HTTP API, so a CloudFront distribution with a web ACL stands in front of it. Make
// it in a stack in us-east-1. The API stays in its own region with an
// ApiOriginGuard. Without the guard, clients could call the API directly.
//
// The distribution caches nothing and forwards everything except the Host header.
// Blocked requests get 429 or 400, never 403.
type WafProtectedApi struct {
	constructs.Construct
	// Distribution is the distribution clients call.
	Distribution awscloudfront.Distribution
	// WebACL is the web ACL. It is nil if WebACLARN is given.
	WebACL awswafv2.CfnWebACL
	// WafLogGroup holds the requests that a rule blocked or counted. It is nil if
	// WebACLARN is given.
	WafLogGroup awslogs.LogGroup
	// AccessLogGroup holds a line for each request, without personal data.
	AccessLogGroup awslogs.LogGroup

	wcu int
}

// NewWafProtectedApi makes a WafProtectedApi in a stack in us-east-1. It panics
// with a *PropsError on invalid props.
func NewWafProtectedApi(scope constructs.Construct, id string, props *WafProtectedApiProps) *WafProtectedApi {
	p := props.withDefaults()
	p.validate(scope).panicIfAny("WafProtectedApi", scope, id)

	a := &WafProtectedApi{}
	constructs.NewConstruct_Override(a, scope, jsii.String(id))
	access := edgeLogName(p.Name)
	if p.WebACLARN != "" {
		a.Distribution = newAPIDistribution(a, p, jsii.String(p.WebACLARN))
		a.logAccess(p, allowLogDelivery(a, access, access))
	} else {
		a.wcu = p.Rules.wcu()
		a.WebACL = newWebACL(a, p.Name, cloudFrontScope, p.Rules)
		a.Distribution = newAPIDistribution(a, p, a.WebACL.AttrArn())
		waf := edgeWebACLLogName(p.Name)
		policy := allowLogDelivery(a, waf, waf, access)
		a.WafLogGroup = p.logGroup(a, "WafLog", waf)
		logWebACL(a, a.WebACL, a.WafLogGroup, waf, policy)
		a.logAccess(p, policy)
	}
	p.Domain.addRecords(a, a.Distribution)
	return a
}

func (a *WafProtectedApi) logAccess(p WafProtectedApiProps, policy awslogs.ResourcePolicy) {
	a.AccessLogGroup = p.logGroup(a, "AccessLog", edgeLogName(p.Name))
	deliverAccessLogs(a, a.Distribution, a.AccessLogGroup, p.Name, policy)
}

// WCU returns the capacity of the web ACL in web ACL capacity units. The props
// allow at most 1500, because AWS charges more beyond that.
func (a *WafProtectedApi) WCU() int { return a.wcu }

func (p *WafProtectedApiProps) logGroup(scope constructs.Construct, id, name string) awslogs.LogGroup {
	return newLogGroup(scope, id, RetainedLogGroupProps{
		Name: name, RetentionDays: p.LogRetentionDays, EncryptionKey: p.LogKey, Disposable: p.Disposable,
	})
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
var webACLARNPattern = regexp.MustCompile(`^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/[A-Za-z0-9_-]+/[a-f0-9-]+$`)

func (p *WafProtectedApiProps) withDefaults() WafProtectedApiProps {
	d := valueOrZero(p)
	d.rulesOmitted = reflect.ValueOf(d.Rules).IsZero()
	d.Rules.edge = true
	d.Rules = d.Rules.withDefaults()
	d.Cors = d.Cors.withDefaults()
	d.LogRetentionDays = orDefault(d.LogRetentionDays, defaultLogRetentionDays)
	return d
}

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
var secretVersionPattern = regexp.MustCompile(`^[A-Za-z0-9-]{32,64}$`)

func (p *WafProtectedApiProps) validate(scope constructs.Construct) problems {
	var bad problems
	region := orDefault(regionOf(scope), "unknown")
	bad.require(region == EdgeRegion, "scope", "is in a stack whose region is %s, and CloudFront takes web ACLs from %s only; "+
		"put the edge into a stack of its own with Env.Region %[2]s, the API stays where it is", region, EdgeRegion)
	bad.requireWebACLName(p.Name)
	bad.require(secretNamePathPattern.MatchString(p.OriginSecretName), "OriginSecretName",
		"is %q; give the SecretName of the API's ApiOriginGuard", p.OriginSecretName)
	bad.require(p.OriginSecretVersion == "" || secretVersionPattern.MatchString(p.OriginSecretVersion), "OriginSecretVersion",
		"is %q; give the id of a version, 32 to 64 letters, digits and -", p.OriginSecretVersion)
	if !p.Api.isZero() {
		p.Api.check(scope, "Api", &bad)
	}
	p.Api.checkStage("Api", &bad)
	bad.require(!p.ViewerCountry || !p.Api.isZero(), "ViewerCountry", "is true without Api; give Api, whose host the edge puts into the Host header")
	p.Domain.check("Domain", &bad)
	p.Cors.check("Cors", &bad)
	if p.WebACLARN == "" {
		p.Rules.check("Rules", &bad)
	} else {
		bad.require(isToken(p.WebACLARN) || webACLARNPattern.MatchString(p.WebACLARN), "WebACLARN",
			"is %q; give the ARN of a web ACL for CloudFront, arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>", p.WebACLARN)
		bad.require(p.rulesOmitted, "Rules", "are given with WebACLARN, which has its own rules; leave one of them out")
	}
	bad.requireRetention("LogRetentionDays", p.LogRetentionDays)
	return bad
}
