package cdk_test

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/policy"
)

// claims are phrases of acceptances' reasons with what must hold where one is made.
var claims = map[string]func(stage, policy.Acceptance) bool{
	"no backup plan": func(s stage, _ policy.Acceptance) bool { return len(s.ofType("AWS::Backup::BackupPlan")) == 0 },
	"The backup plan selects the table by its tag": func(s stage, a policy.Acceptance) bool {
		return s.has("AWS::Backup::BackupSelection", backupTag) && s.has("AWS::DynamoDB::Table",
			`"TableName":"`+s.config.PhysicalName(path.Base(a.Construct))+`"`, tableTag)
	},
	"Point-in-time recovery restores": func(s stage, a policy.Acceptance) bool {
		return s.has("AWS::DynamoDB::Table", `"TableName":"`+s.config.PhysicalName(path.Base(a.Construct))+`"`, `"PointInTimeRecoveryEnabled":true`)
	},
	"This stage does not pay for the Plus plan": func(s stage, _ policy.Acceptance) bool { return !s.config.ThreatProtection },
	"configuration runs functions outside a VPC": func(s stage, _ policy.Acceptance) bool {
		return len(s.ofType("AWS::EC2::VPC")) == 0 && !s.has("AWS::Lambda::Function", `"VpcConfig"`)
	},
	"the functions' subnets have none": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::EC2::NatGateway") || s.has("AWS::EC2::Instance")
	},
	"CDK's function for single API calls": func(_ stage, a policy.Acceptance) bool { return path.Base(a.Construct) == singleCallFunction },
	"It calls external services":          func(_ stage, a policy.Acceptance) bool { return len(functionOf(a).Permissions.External) > 0 },
	"It calls AWS's public endpoints only": func(_ stage, a policy.Acceptance) bool {
		return len(functionOf(a).Permissions.External) == 0
	},
	"The API waits for the response": func(_ stage, a policy.Acceptance) bool { return len(functionOf(a).Routes) > 0 },
	"The API's throttle bounds": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::ApiGatewayV2::Stage", `"ThrottlingRateLimit"`)
	},
	"A schedule starts one run": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Every != 0 })
	},
	"An operator invokes it by hand": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Command != "" })
	},
	"Secrets Manager tries": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Rotates != nil })
	},
	"Its queue keeps messages": func(s stage, _ policy.Acceptance) bool { return s.has("AWS::SQS::Queue", `"RedrivePolicy"`) },
	"wait in its queue for 14 days": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::SQS::Queue", `"MessageRetentionPeriod":1209600`)
	},
	"Objects live for days":  func(s stage, _ policy.Acceptance) bool { return s.has("AWS::S3::Bucket", `"ExpirationInDays"`) },
	"AWS WAF logs no bodies": func(s stage, _ policy.Acceptance) bool { return s.config.WAF.UserPool },
	"policy::wildcard checks wildcards": func(stage, policy.Acceptance) bool {
		return slices.ContainsFunc(policy.Rules(), func(r policy.Rule) bool { return r.ID == policy.Wildcard })
	},
}

func TestAcceptances_Reasons_AreTrue(t *testing.T) {
	made := map[string]bool{}
	eachProfile(t, func(t *testing.T, s stage) {
		for _, a := range s.accepted {
			for phrase, holds := range claims {
				if !strings.Contains(a.Reason, phrase) {
					continue
				}
				made[phrase] = true
				if !holds(s, a) {
					t.Errorf("%s accepts %s, but its reason is false: %s", a.Construct, a.Rule, a.Reason)
				}
			}
		}
	})
	for phrase := range claims {
		if !made[phrase] {
			t.Errorf("no reason says %q", phrase)
		}
	}
}

// singleCallFunction is the function that CDK adds to a stack for API calls during a
// deployment.
const singleCallFunction = "AWS679f53fac002430cb0da5b7982bd2287"

// A stack's acceptance would hide the finding of a function that its reason does not fit.
func TestAcceptances_LambdaRules_AreFunctionsOwn(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		for _, a := range s.accepted {
			if strings.Contains(a.Rule, "-Lambda") && functionOf(a) == nil && path.Base(a.Construct) != singleCallFunction {
				t.Errorf("%s accepts %s", a.Construct, a.Rule)
			}
		}
	})
}

// has reports whether a resource of the type has all of the texts in its properties.
func (s stage) has(kind string, texts ...string) bool {
	for _, r := range s.ofType(kind) {
		properties := text(r.Properties)
		if !slices.ContainsFunc(texts, func(want string) bool { return !strings.Contains(properties, want) }) {
			return true
		}
	}
	return false
}

// functionOf returns the declaration of the function that the acceptance is about, or nil
// if it is about another construct.
func functionOf(a policy.Acceptance) *function.Function {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			if strings.EqualFold(path.Base(a.Construct), strings.ReplaceAll(f.Name, "-", "")) {
				return f
			}
		}
	}
	return nil
}

func hasEvent(a policy.Acceptance, is func(function.Event) bool) bool {
	f := functionOf(a)
	return f != nil && slices.ContainsFunc(f.Events, is)
}
