package cdk_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/buckets"
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
	"No resource is in the default group": func(s stage, _ policy.Acceptance) bool {
		return len(s.ofType("AWS::EC2::VPC")) > 0 && !s.has("AWS::Lambda::Function", `"DefaultSecurityGroup"`) &&
			!s.has("AWS::EC2::VPCEndpoint", `"DefaultSecurityGroup"`)
	},
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
	"The API's throttle and the limits of each signed-in user bound": func(s stage, a policy.Acceptance) bool {
		return s.has("AWS::ApiGatewayV2::Stage", `"ThrottlingRateLimit"`) &&
			!slices.ContainsFunc(functionOf(a).Routes, func(r function.Route) bool { return r.Access == function.AccessPublic })
	},
	"A schedule starts one run": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Every != 0 || e.Cron != nil })
	},
	"An operator invokes it by hand": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Command != "" })
	},
	"Secrets Manager tries": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Rotates != nil })
	},
	"Its queue keeps messages": func(s stage, _ policy.Acceptance) bool { return s.has("AWS::SQS::Queue", `"RedrivePolicy"`) },
	"Objects live for days":    func(s stage, _ policy.Acceptance) bool { return s.has("AWS::S3::Bucket", `"ExpirationInDays"`) },
	"What a user uploaded is to be gone once it is deleted": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket") && !slices.ContainsFunc(buckets.All(), func(b *buckets.Bucket) bool {
			return s.has("AWS::S3::Bucket", `"BucketName":"`+s.config.BucketName(b.Name)+`"`, `"VersioningConfiguration"`)
		})
	},
	"AWS WAF logs no bodies": func(s stage, _ policy.Acceptance) bool { return s.config.WAF.UserPool },
	"What a run of the schedule leaves": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Every != 0 || e.Cron != nil })
	},
	"The user pool waits for the response": func(s stage, a policy.Acceptance) bool {
		return s.has("AWS::Cognito::UserPool", `"LambdaConfig"`) && hasEvent(a, func(e function.Event) bool { return e.Trigger != "" })
	},
	"the user pool's quotas bound the sign-ins": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Trigger != "" })
	},
	"The operator waits for the response": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Command != "" })
	},
	"Secrets Manager starts one rotation": func(_ stage, a policy.Acceptance) bool {
		return hasEvent(a, func(e function.Event) bool { return e.Rotates != nil })
	},
	"Its event source sends changes": func(s stage, a policy.Acceptance) bool {
		return s.has("AWS::Lambda::EventSourceMapping", `"OnFailure"`) && hasEvent(a, func(e function.Event) bool { return e.Changes != nil })
	},
	"It is a dead-letter queue itself": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::Lambda::EventSourceMapping", `"OnFailure"`)
	},
	"no personal data is logged": noIdentityInAccessLog,
	"it holds no personal data":  noIdentityInAccessLog,
	"The access log has no personal": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::Logs::Delivery", `"RecordFields"`) && !s.has("AWS::Logs::Delivery", `"c-ip"`) && !s.has("AWS::Logs::Delivery", `"cs(Cookie)"`)
	},
	"The access log is delivered to CloudWatch Logs": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::Logs::DeliveryDestination", `"DestinationResourceArn"`)
	},
	"The web ACL decides by country and answers 400": func(s stage, _ policy.Acceptance) bool {
		countries := len(s.config.API.Edge.Countries) > 0
		return s.has("AWS::WAFv2::WebACL", `"Scope":"CLOUDFRONT"`, `"ResponseCode":400`) && countries == s.has("AWS::WAFv2::WebACL", `"GeoMatchStatement"`)
	},
	"The edge sends one version by its id": func(s stage, _ policy.Acceptance) bool {
		return s.config.API.Domain == "" || s.has("AWS::CloudFront::Distribution", "{{resolve:secretsmanager:")
	},
	"S3 delivers access logs": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket", `"DestinationBucketName"`)
	},
	"no screen for a second factor": func(s stage, _ policy.Acceptance) bool {
		return !s.has("AWS::Cognito::UserPool", `"MfaConfiguration":"ON"`)
	},
	"The declaration makes the route public": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::ApiGatewayV2::Route", `"AuthorizationType":"NONE"`)
	},
	"The policy belongs to one role": func(s stage, _ policy.Acceptance) bool { return len(s.ofType("AWS::IAM::ManagedPolicy")) == 0 },
	"remove the rules of the default group": func(s stage, _ policy.Acceptance) bool {
		return len(s.ofType("AWS::EC2::VPC")) > 0
	},
	"AWS keeps the service's policies up to date with what AWS Backup calls": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::IAM::Role", `"backup.amazonaws.com"`, "service-role/AWSBackupServiceRolePolicyFor", `"aws:SourceAccount"`)
	},
	"AWS keeps the service's policy up to date with the types that AWS Config records": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::IAM::Role", `"config.amazonaws.com"`, "service-role/AWS_ConfigRole", `"aws:SourceAccount"`)
	},
	"AWS Config chooses the names of its files": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::Config::DeliveryChannel", `"S3BucketName"`)
	},
	"SES names an object when an e-mail arrives": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::SES::ReceiptRule", `"ObjectKeyPrefix":"inbound/"`)
	},
	"A release moves the aliases of every function": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::IAM::Role", `"lambda:UpdateAlias"`, `:function:`+s.config.PhysicalName("*"))
	},
	"E-mails of tests live for a day": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket", `"BucketName":"`+s.config.MailboxBucket()+`"`, `"ExpirationInDays":1,`)
	},
	"The bucket holds access logs": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket", `"BucketName":"`+s.config.BucketName("trail")+`"`, `"LoggingConfiguration":{"DestinationBucketName":{"Ref":"AccessLogs`)
	},
	"The files are kept for 90 days": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket", `"BucketName":"`+s.config.BucketName("governance-logs")+`"`, `"ExpirationInDays":90`)
	},
	"the lock keeps them from deletion": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::S3::Bucket", `"BucketName":"`+s.config.BucketName("trail")+`"`, `"Mode":"GOVERNANCE"`)
	},
	"EventBridge gets each management event": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::Events::Rule", `"AWS API Call via CloudTrail"`, "AlertsTopic")
	},
	"and no data": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::IAM::Role", "cloudformation:DetectStackDrift") && !slices.ContainsFunc(dataActions, func(action string) bool {
			return s.has("AWS::IAM::Role", "cloudformation:DetectStackDrift", `"`+action+`"`)
		})
	},
	"the composite alarm of both windows does": func(s stage, _ policy.Acceptance) bool {
		return s.has("AWS::CloudWatch::CompositeAlarm", `"AlarmActions":[`, "-availability-critical")
	},
	"policy::wildcard checks wildcards": func(stage, policy.Acceptance) bool {
		return slices.ContainsFunc(policy.Rules(), func(r policy.Rule) bool { return r.ID == policy.Wildcard })
	},
}

// explanations are the sentences of reasons that say nothing about the templates: why
// the app is as it is, or what AWS does.
var explanations = []string{
	"CloudWatch Logs encrypts the logs with a key of its own",
	"CloudFormation waits for the result of CDK's function",
	"Cognito makes the secret with the client",
	"An external service issues the secret",
}

// noIdentityInAccessLog reports that the API's access log names no caller.
func noIdentityInAccessLog(s stage, _ policy.Acceptance) bool {
	return s.has("AWS::ApiGatewayV2::Stage", `"AccessLogSettings"`) && !s.has("AWS::ApiGatewayV2::Stage", "sourceIp") && !s.has("AWS::ApiGatewayV2::Stage", "userAgent")
}

// Each sentence of a reason makes a claim that is checked, or only explains.
func TestAcceptances_SentencesOfReasons_AreCheckedOrExplain(t *testing.T) {
	unchecked := map[string]bool{}
	eachProfile(t, func(t *testing.T, s stage) {
		for _, a := range s.accepted {
			for sentence := range strings.SplitSeq(strings.TrimSuffix(a.Reason, "."), ". ") {
				says := func(phrase string) bool { return strings.Contains(sentence+".", phrase) }
				if !slices.ContainsFunc(slices.Collect(maps.Keys(claims)), says) && !slices.ContainsFunc(explanations, says) {
					unchecked[sentence] = true
				}
			}
		}
	})
	for sentence := range unchecked {
		t.Errorf("a reason says %q: add a check to claims, or list it as an explanation", sentence)
	}
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
