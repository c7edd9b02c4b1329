package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// addUserPoolWebACL puts a web ACL before the operations that Cognito offers without
// credentials. The app does not call them, the functions do, for all users from
// the few addresses of AWS: so the rate is one that no few functions reach, and
// the groups that judge an address, or what a password looks like, only count.
// Operations of administrators, sign-in among them, do not pass a web ACL.
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
		"CloudWatch Logs encrypts the events with a key of its own; AWS WAF logs no bodies, and so no password and no address.")
}
