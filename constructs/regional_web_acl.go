package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// RegionalWebACLProps are the props of NewRegionalWebACL.
type RegionalWebACLProps struct {
	// Name is the web ACL's physical name; its log group is
	// aws-waf-logs-<Name>. 1 to 48 letters, digits, and - _. Required.
	Name string
	// Rules are what the web ACL looks for. Default: see WebACLRules.
	Rules WebACLRules
	// LogRetentionDays is how long logs are kept; CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the logs, for example a DataKey with KeyServiceLogs.
	// Default: none, CloudWatch Logs encrypts with a key of its own.
	LogKey awskms.IKey
	// Disposable lets the logs go with the stack. Default: false, they stay
	// until their retention ends.
	Disposable bool
}

// RegionalWebACL is a web ACL for resources that AWS WAF can protect in their
// own region: stages of REST APIs and Cognito user pools. HTTP APIs are not
// among them; WafProtectedApi protects those.
type RegionalWebACL struct {
	constructs.Construct
	// WebACL is the web ACL.
	WebACL awswafv2.CfnWebACL
	// LogGroup holds the requests that a rule blocked or counted.
	LogGroup awslogs.LogGroup

	wcu       int
	protected int
}

// NewRegionalWebACL makes a RegionalWebACL. It panics with a *PropsError on
// invalid props.
func NewRegionalWebACL(scope constructs.Construct, id string, props *RegionalWebACLProps) *RegionalWebACL {
	p := valueOrZero(props)
	p.Rules = p.Rules.withDefaults()
	p.LogRetentionDays = orDefault(p.LogRetentionDays, defaultLogRetentionDays)
	var bad problems
	bad.requireWebACLName(p.Name)
	p.Rules.check("Rules", &bad)
	bad.requireRetention("LogRetentionDays", p.LogRetentionDays)
	bad.panicIfAny("RegionalWebACL", scope, id)

	a := &RegionalWebACL{wcu: p.Rules.wcu()}
	constructs.NewConstruct_Override(a, scope, jsii.String(id))
	a.WebACL = newWebACL(a, p.Name, regionalScope, p.Rules)
	name := webACLLogName(p.Name)
	a.LogGroup = newLogGroup(a, "Log", RetainedLogGroupProps{
		Name: name, RetentionDays: p.LogRetentionDays, EncryptionKey: p.LogKey, Disposable: p.Disposable,
	})
	logWebACL(a, a.WebACL, a.LogGroup, name, allowLogDelivery(a, name, name))
	return a
}

var protectableARN = regexp.MustCompile(`:(/restapis/[^/]+/stages/|userpool/)`)

// Protect puts the web ACL in front of a resource, by its ARN: a stage of a REST
// API, or a user pool. A resource has one web ACL at most. It panics with a
// *PropsError where AWS WAF cannot protect the resource.
func (a *RegionalWebACL) Protect(arn string) {
	var bad problems
	bad.require(!strings.Contains(arn, ":/apis/"), "arn",
		"is that of an HTTP API, to which AWS WAF cannot be attached; put a WafProtectedApi in front of it")
	known := *awscdk.Token_IsUnresolved(jsii.String(arn)) || protectableARN.MatchString(arn)
	bad.require(known || strings.Contains(arn, ":/apis/"), "arn",
		"is %q; give the ARN of a stage of a REST API or of a user pool", arn)
	bad.panicIfAny("RegionalWebACL.Protect", a, "")
	a.protected++
	awswafv2.NewCfnWebACLAssociation(a, jsii.String(fmt.Sprintf("Association%d", a.protected)), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: jsii.String(arn),
		WebAclArn:   a.WebACL.AttrArn(),
	})
}

// WCU is the capacity the web ACL needs, in web ACL capacity units; AWS charges
// more beyond 1500, which the props refuse.
func (a *RegionalWebACL) WCU() int { return a.wcu }
