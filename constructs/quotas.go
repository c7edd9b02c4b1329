package constructs

import "fmt"

// quota is an upper bound of AWS on the sum of several props or statements. Limits
// of a single prop, such as the length of a name, are in the prop's own file.
type quota struct {
	max    int
	unit   string // what is counted
	source string // AWS's page with the quota
}

const (
	wafLimits        = "https://docs.aws.amazon.com/waf/latest/developerguide/limits.html"
	iamLimits        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
	cloudWatchLimits = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"
)

var (
	addressesOfIPSet  = quota{10000, "address ranges in an IP set", wafLimits}
	rateRulesOfWebACL = quota{10, "rate-based rules in a web ACL", wafLimits}
	// The console and the API refuse more countries in one statement.
	countriesOfStatement = quota{50, "countries in a statement", "https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-geo-match.html"}
	ruleNameLength       = quota{128, "characters", "https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html"}
	inlinePoliciesOfRole = quota{10240, "characters in the inline policies of a role", iamLimits}
	bucketPolicySize     = quota{20480, "bytes in a bucket's policy", "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"}
	secretPolicySize     = quota{20480, "characters in a secret's policy", "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html"}
	endpointPolicySize   = quota{20480, "characters in an endpoint's policy", "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html"}
	edgeFunctionSize     = quota{10240, "bytes in a CloudFront function", "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html"}
	dashboardMetrics     = quota{2500, "metrics in a dashboard", cloudWatchLimits}
	dashboardWidgets     = quota{500, "widgets in a dashboard", cloudWatchLimits}
	groupsOfFunction     = quota{5, "security groups of a function", "https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html"}
	attributesOfIndex    = quota{20, "attributes added to an index", "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html"}
	attributesOfIndexes  = quota{100, "attributes added to the indexes of a table", "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html"}
	keyDescription       = quota{8192, "characters", "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"}
)

// requireWithin records a problem if n exceeds the quota.
func (p *problems) requireWithin(q quota, prop string, n int, advice string) {
	p.require(n <= q.max, prop, "%s", q.exceededBy(n, advice))
}

func (q quota) exceededBy(n int, advice string) string {
	return fmt.Sprintf("makes %d %s; AWS allows %d (%s): %s", n, q.unit, q.max, q.source, advice)
}
