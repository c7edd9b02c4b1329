package constructs

import (
	"slices"
	"strings"
)

// explainedWildcards are the wildcards that AWS requires.
var explainedWildcards = []Wildcard{
	{
		In:      "a function's role",
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Pattern: "arn:…:log-group:<the function's own>:*",
		Reason:  "Lambda names a log stream when it starts an execution environment, so no policy can name it before",
		explains: func(_ policyText, element, value string) bool {
			return element == "Resource" && isLogStreams(value)
		},
	},
	{
		In:      logPolicyType,
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Pattern: "arn:…:log-group:<the web ACL's or the edge's own>:log-stream:*",
		Reason: "the service that delivers logs names a log stream when it first writes, so no policy can name it before; " +
			"aws:SourceAccount and aws:SourceArn stand beside it: " +
			"https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html",
		explains: func(s policyText, element, value string) bool {
			return s.holder == logPolicyType && element == "Resource" && isLogStreams(value)
		},
	},
	{
		In:      "a function's role",
		Actions: slices.Concat(tracingActions, spanActions),
		Pattern: "*",
		Reason: "these actions support no resource-level permissions: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
		explains: anyResource,
	},
	{
		In:      "the role of a function in a VPC",
		Actions: networkInterfaceActions,
		Pattern: "*",
		Reason: "Lambda creates interfaces whose ids are known only at run time, and the Describe actions support no resources; " +
			"a Deny keeps the function's own code from using them: " +
			"https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
		explains: anyResource,
	},
	{
		In:      "the role of a function that makes schedules",
		Actions: scheduleActions,
		Pattern: "arn:…:schedule/<one group>/*",
		Reason: "the function names a schedule when it makes it, so no policy can name it before; the group is what bounds it: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html",
		explains: func(_ policyText, element, value string) bool {
			return element == "Resource" && isSchedulesOfGroup(value)
		},
	},
	{
		In:      "the role and guardrail of an AlertTopic's Slack channel",
		Actions: chartActions,
		Pattern: "*",
		Reason: "these actions support no resource-level permissions: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html",
		explains: anyResource,
	},
	{
		In:      "the role of a GitHubDeployRole with Releases",
		Actions: releaseReadActions,
		Pattern: "*",
		Reason: "a list of all stacks, of composite alarms and of metrics has no resource-level permissions: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html",
		explains: anyResource,
	},
	{
		In:      "the role of a GitHubDeployRole with Releases",
		Actions: slices.Concat(releaseStackActions, releaseAliasActions, releaseDeleteActions),
		Pattern: "arn:…:stack/<prefix>*, arn:…:function:<prefix>* and arn:…:function:<prefix>*:*",
		Reason: "a deployment adds functions and versions, so no policy can name them before; the prefix is that of one stage: " +
			"https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html",
		explains: func(_ policyText, element, value string) bool {
			return element == "Resource" && isOfRelease(value)
		},
	},
	{
		In:      "AWS::KMS::Key",
		Pattern: "*",
		Reason: "in a key policy the resource * means this key and no other: " +
			"https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
		explains: func(s policyText, element, value string) bool {
			return s.holder == "AWS::KMS::Key" && anyResource(s, element, value)
		},
	},
	{
		In:      "AWS::KMS::Key",
		Pattern: "Principal *",
		Reason: "every principal of the account that may use the service uses the key through it; " +
			"kms:CallerAccount and kms:ViaService stand beside it: " +
			"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
		explains: func(s policyText, element, _ string) bool {
			return s.holder == "AWS::KMS::Key" && element == "Principal" &&
				strings.Contains(s.conditions, `"kms:CallerAccount"`) &&
				strings.Contains(s.conditions, `"kms:ViaService"`)
		},
	},
	{
		In:      "a function's role, and AWS::S3::BucketPolicy for access logs",
		Actions: objectActions,
		Pattern: "<the bucket's ARN>/<prefix>/*",
		Reason: "objects are named at run time, so no policy can name them before; the prefix is required: " +
			"https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html",
		explains: func(_ policyText, element, value string) bool {
			return element == "Resource" && isObjects(value)
		},
	},
	{
		In:      "AWS::EC2::VPCEndpoint",
		Pattern: "* and Principal *",
		Reason: "an endpoint's policy is the ceiling for all functions behind it, under which roles' own policies decide; " +
			"aws:PrincipalAccount and aws:ResourceAccount hold it to exact actions within the account: " +
			"https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
		explains: func(s policyText, _, value string) bool {
			return s.holder == "AWS::EC2::VPCEndpoint" && value == "*" &&
				strings.Contains(s.conditions, `"aws:PrincipalAccount"`) &&
				strings.Contains(s.conditions, `"aws:ResourceAccount"`)
		},
	},
	{
		In:      "AWS::EC2::VPCEndpoint",
		Actions: unsignedCognitoActions,
		Pattern: "* and Principal *",
		Reason: "what users do for themselves is not signed, so no principal stands behind it; " +
			"aws:ResourceAccount holds it to user pools of the account: " +
			"https://docs.aws.amazon.com/cognito/latest/developerguide/vpc-interface-endpoints.html",
		explains: func(s policyText, _, value string) bool {
			return s.holder == "AWS::EC2::VPCEndpoint" && value == "*" &&
				strings.Contains(s.conditions, `"aws:ResourceAccount"`)
		},
	},
}
