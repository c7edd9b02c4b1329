package cdk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
)

func TestEmailIdentity_SignsWithDKIM(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		domain := s.config.Email.Domain()
		identity := s.named(t, "AWS::SES::EmailIdentity", "EmailIdentity", domain)
		for property, want := range map[string]string{
			"DkimAttributes":        `{"SigningEnabled":true}`,
			"DkimSigningAttributes": `{"NextSigningKeyLength":"RSA_2048_BIT"}`,
			"MailFromAttributes":    `{"MailFromDomain":"bounce.` + domain + `"}`,
		} {
			if got := text(identity.Properties[property]); got != want {
				t.Errorf("%s is %s, not %s", property, got, want)
			}
		}
		if retained := strings.HasPrefix(identity.DeletionPolicy, "Retain"); retained == s.config.Data.Disposable {
			t.Errorf("the identity has the deletion policy %q", identity.DeletionPolicy)
		}
	})
}

func TestConfigurationSet_RequiresTLSAndSuppresses(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		set := s.named(t, "AWS::SES::ConfigurationSet", "Name", s.config.PhysicalName("mail")).Properties
		if got := text(set["DeliveryOptions"]); got != `{"TlsPolicy":"REQUIRE"}` {
			t.Errorf("delivery is %s", got)
		}
		if got := text(set["SuppressionOptions"]); got != `{"SuppressedReasons":["BOUNCE","COMPLAINT"]}` {
			t.Errorf("suppressed are %s", got)
		}
		if got := text(set["ReputationOptions"]); got != `{"ReputationMetricsEnabled":true}` {
			t.Errorf("reputation is %s", got)
		}
		if set["TrackingOptions"] != nil || len(s.ofType("AWS::SES::ConfigurationSetEventDestination")) > 0 {
			t.Error("SES tracks who opens an e-mail")
		}
	})
}

func TestEmailIdentity_OutputsDNSRecords(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		domain := s.config.Email.Domain()
		outputs := text(s.templates[s.config.PhysicalName("mail")].Outputs)
		for _, want := range []string{
			"DkimDNSTokenName1", "DkimDNSTokenName2", "DkimDNSTokenName3", "DkimDNSTokenValue1", "DkimDNSTokenValue2", "DkimDNSTokenValue3",
			text("bounce." + domain + ". 3600 IN MX 10 feedback-smtp." + s.config.Region + ".amazonses.com."),
			text("bounce." + domain + `. 3600 IN TXT "v=spf1 include:amazonses.com -all"`),
			text("_dmarc." + domain + `. 3600 IN TXT "v=DMARC1; p=reject; adkim=s"`),
		} {
			if !strings.Contains(outputs, want) {
				t.Errorf("no output has %s:\n%s", want, outputs)
			}
		}
	})
}

// Cognito's own sender allows 50 e-mails a day and no custom text.
func TestUserPool_SendsOwnTextFromOwnDomain(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		pool := s.named(t, "AWS::Cognito::UserPool", "UserPoolName", s.config.PhysicalName("users")).Properties
		sender, _ := pool["EmailConfiguration"].(map[string]any)
		email := s.config.Email
		for property, want := range map[string]any{
			"EmailSendingAccount": "DEVELOPER",
			"ConfigurationSet":    s.config.PhysicalName("mail"),
			"From":                email.Name + " <" + email.From + ">",
			"ReplyToEmailAddress": email.ReplyTo,
		} {
			if sender[property] != want {
				t.Errorf("%s is %v, not %v", property, sender[property], want)
			}
		}
		identity := "arn:aws:ses:" + s.config.Region + ":" + s.config.Account + ":identity/" + email.Domain()
		if source := strings.ReplaceAll(text(sender["SourceArn"]), `{"Ref":"AWS::Partition"}`, "aws"); !strings.Contains(source, identity) {
			t.Errorf("the source is %s", source)
		}
		code, err := emailtemplates.CognitoCode(email.Name)
		if err != nil {
			t.Fatal(err)
		}
		verification, _ := pool["VerificationMessageTemplate"].(map[string]any)
		if verification["EmailMessage"] != code.HTML || verification["EmailSubject"] != code.Subject {
			t.Errorf("the message is %s", text(verification))
		}
	})
}

// Cognito refuses a pool with a domain that SES has not verified.
func TestEmailIdentity_IsDeployedBeforeUserPool(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		if after := s.after[s.config.PhysicalName("core")]; !slices.Contains(after, s.config.PhysicalName("mail")) {
			t.Errorf("the core stack is deployed after %q", after)
		}
	})
}

func TestEmailReputation_BeforeSESPauses_RaisesAlarm(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		for _, question := range []string{"bounce-rate", "complaint-rate"} {
			s.named(t, "AWS::CloudWatch::Alarm", "AlarmName", s.config.PhysicalName("mail")+"-"+question+"-critical")
		}
	})
}
