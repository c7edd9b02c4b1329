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
	// Rules are the web ACL's rules. Default: see WebACLRules.
	Rules WebACLRules
	// LogRetentionDays is how many days logs are kept. CloudWatch Logs has a fixed
	// list of periods. Default: 30.
	LogRetentionDays int
	// LogKey encrypts the logs, for example a DataKey with KeyServiceLogs. Default:
	// none, CloudWatch Logs uses its own key.
	LogKey awskms.IKey
	// Disposable deletes the logs with the stack. Default: false, the logs stay
	// until their retention ends.
	Disposable bool
}

// RegionalWebACL is a web ACL for stages of REST APIs and Cognito user pools, which
// AWS WAF protects in their own region. Use WafProtectedApi for HTTP APIs.
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

// Protect associates the web ACL with a stage of a REST API or a user pool, by its
// ARN. A resource has one web ACL at most. Protect panics with a *PropsError if AWS
// WAF cannot protect the resource.
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

// WCU returns the capacity of the web ACL in web ACL capacity units. The props
// allow at most 1500, because AWS charges more beyond that.
func (a *RegionalWebACL) WCU() int { return a.wcu }
