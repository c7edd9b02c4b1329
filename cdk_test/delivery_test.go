package cdk_test

import (
	"strings"
	"testing"
)

// trusted returns the subjects of GitHub that a stage's roles trust, by the role's name.
func (s stage) trusted() map[string]string {
	found := map[string]string{}
	for _, role := range s.inStack("delivery", "AWS::IAM::Role") {
		name, named := role.Properties["RoleName"].(string)
		if _, subject, has := strings.Cut(text(role.Properties["AssumeRolePolicyDocument"]), `token.actions.githubusercontent.com:sub":"`); has && named {
			found[name], _, _ = strings.Cut(subject, `"`)
		}
	}
	return found
}

func TestDeliveryRoles_Trust_OneEnvironmentEach(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		name, repository := s.config.PhysicalName, "repo:"+s.config.Delivery.Repository+":environment:"+s.config.Stage
		want := map[string]string{name("deploy"): repository, name("read"): repository + "-read"}
		if s.config.Delivery.Repository == "" {
			want = map[string]string{}
		}
		if got := s.trusted(); text(got) != text(want) {
			t.Errorf("the roles trust %v, not %v", got, want)
		}
	})
}

// Beside the roles of CDK's bootstrap, the role that reads may read the mailbox only.
func TestReadRole_Mailbox_IsAllThatItReads(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		if s.config.Delivery.Repository == "" {
			return
		}
		policies := text(s.inStack("delivery", "AWS::IAM::Role")["ReadRole06B235E3"].Properties["Policies"])
		for _, action := range []string{`"s3:GetObject"`, `"s3:ListBucket"`, `"kms:Decrypt"`} {
			if strings.Contains(policies, action) != s.config.Delivery.Mailbox {
				t.Errorf("mailbox %v, the policies are %s", s.config.Delivery.Mailbox, policies)
			}
		}
		for _, other := range []string{"cdk-hnb659fds-deploy", `"s3:PutObject"`, `"s3:DeleteObject"`, `"kms:GenerateDataKey"`} {
			if strings.Contains(policies, other) {
				t.Errorf("the role that reads has %s", other)
			}
		}
	})
}

// Only SES writes, for the stage's own rule, below the stage's own domain.
func TestTestMailbox_Rule_KeepsEmailsForADay(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		rules := s.ofType("AWS::SES::ReceiptRule")
		if has := len(rules) == 1; has != s.config.Delivery.Mailbox || s.config.Stage == "prod" && has {
			t.Fatalf("%d receipt rules", len(rules))
		}
		if !s.config.Delivery.Mailbox {
			return
		}
		for _, rule := range s.inStack("delivery", "AWS::SES::ReceiptRule") {
			got := text(rule.Properties["Rule"])
			for _, want := range []string{`"Recipients":["test.` + s.config.Email.Domain() + `"]`, `"TlsPolicy":"Require"`, `"ScanEnabled":true`, `"ObjectKeyPrefix":"inbound/"`} {
				if !strings.Contains(got, want) {
					t.Errorf("the rule lacks %s: %s", want, got)
				}
			}
		}
		bucket := s.named(t, "AWS::S3::Bucket", "BucketName", s.config.MailboxBucket())
		if got := text(bucket.Properties["LifecycleConfiguration"]); !strings.Contains(got, `"ExpirationInDays":1,`) || !strings.Contains(got, `"NoncurrentDays":1}`) {
			t.Errorf("e-mails are kept: %s", got)
		}
		for _, role := range s.inStack("delivery", "AWS::IAM::Role") {
			if role.Properties["Description"] != "Writes the e-mails of tests" {
				continue
			}
			trust, rights := text(role.Properties["AssumeRolePolicyDocument"]), text(role.Properties["Policies"])
			if !strings.Contains(trust, `"Service":"ses.amazonaws.com"`) || !strings.Contains(trust, `"aws:SourceAccount":"`+s.config.Account+`"`) ||
				!strings.Contains(trust, `receipt-rule-set/`+s.config.PhysicalName("test-mailbox")) {
				t.Errorf("SES is trusted by %s", trust)
			}
			if strings.Contains(rights, `"s3:GetObject"`) || !strings.Contains(rights, `"s3:PutObject"`) {
				t.Errorf("the rights of SES are %s", rights)
			}
		}
		if outputs := text(s.templates[s.config.PhysicalName("delivery")].Outputs); !strings.Contains(outputs, "MX 10 inbound-smtp."+s.config.Region+".amazonaws.com.") {
			t.Errorf("no output has the MX record: %s", outputs)
		}
	})
}
