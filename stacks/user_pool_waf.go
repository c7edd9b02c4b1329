package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// addUserPoolWebACL puts a web ACL before the operations that Cognito offers without
// credentials. The functions call these operations for all users from a few AWS
// addresses. So the rate limit is above the rate of the functions, and the rule groups
// that rate addresses or passwords only count. Administrator operations, such as the
// backend's sign-in, do not pass a web ACL.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
func addUserPoolWebACL(stack awscdk.Stack, cfg config.Config, pool awscognito.UserPool) {
	acl := constructs.NewRegionalWebACL(stack, "UserPoolWAF", &constructs.RegionalWebACLProps{
		Name: cfg.PhysicalName("user-pool"),
		Rules: constructs.WebACLRules{
			PerAddress: constructs.RateLimit{Requests: 10_000},
			ManagedGroups: map[constructs.ManagedRuleGroup]constructs.RuleAction{
				constructs.CommonRules:        constructs.RuleCount,
				constructs.SQLInjection:       constructs.RuleCount,
				constructs.AmazonIPReputation: constructs.RuleCount,
				constructs.AnonymousIP:        constructs.RuleCount,
			},
		},
		LogRetentionDays: cfg.Logs.RetentionDays,
		Disposable:       cfg.Data.Disposable,
	})
	acl.Protect(*pool.UserPoolArn())
	policy.Accept(acl, "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
		"CloudWatch Logs encrypts the events with a key of its own; AWS WAF logs no bodies, so the log has no password and no e-mail address.")
}
