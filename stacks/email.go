package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
)

// email holds the SES resources and settings that the stage sends e-mails with.
type email struct {
	identity         awsses.EmailIdentity
	configurationSet awsses.ConfigurationSet
	settings         emailtemplates.Settings
}

// newEmail makes the domain an identity of SES in a stack of its own, which is deployed
// first. Cognito refuses a user pool while the domain is unverified, and the
// verification needs the DNS records in the stack's outputs (docs/emails.md).
func newEmail(stack awscdk.Stack, cfg config.Config) *email {
	name := cfg.PhysicalName("mail")
	set := awsses.NewConfigurationSet(stack, jsii.String("ConfigurationSet"), &awsses.ConfigurationSetProps{
		ConfigurationSetName: jsii.String(name),
		// E-mails with codes and usernames are always encrypted: SES sends nothing to a
		// server without TLS.
		TlsPolicy:         awsses.ConfigurationSetTlsPolicy_REQUIRE,
		ReputationMetrics: jsii.Bool(true),
		// SES sends no more e-mails to an address that bounced or whose owner
		// complained.
		SuppressionReasons: awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
	})
	identity := awsses.NewEmailIdentity(stack, jsii.String("Identity"), &awsses.EmailIdentityProps{
		Identity:         awsses.Identity_Domain(jsii.String(cfg.Email.Domain())),
		ConfigurationSet: set,
		DkimSigning:      jsii.Bool(true),
		DkimIdentity:     awsses.DkimIdentity_EasyDkim(awsses.EasyDkimSigningKeyLength_RSA_2048_BIT),
		// SPF then passes for our domain instead of Amazon's.
		MailFromDomain: jsii.String(mailFromDomain(cfg)),
	})
	if !cfg.Data.Disposable {
		// A new identity has other keys, and SES sends nothing until their DNS records
		// are published. A first deployment that fails may delete it: it sent nothing yet.
		identity.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE)
	}
	addDNSOutputs(stack, cfg, identity)
	return &email{identity: identity, configurationSet: set, settings: emailtemplates.Settings{
		From: cfg.Email.From, App: cfg.Email.Name, ReplyTo: cfg.Email.ReplyTo, ConfigurationSet: name,
	}}
}

func mailFromDomain(cfg config.Config) string { return "bounce." + cfg.Email.Domain() }

// addDNSOutputs adds an output for each DNS record to publish, as a line of a zone
// file.
// https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
func addDNSOutputs(stack awscdk.Stack, cfg config.Config, identity awsses.EmailIdentity) {
	add := func(id, description, name, record string) {
		awscdk.NewCfnOutput(stack, jsii.String(id), &awscdk.CfnOutputProps{
			Description: jsii.String(description), Value: jsii.String(name + ". 3600 IN " + record),
		})
	}
	for i, record := range *identity.DkimRecords() {
		add(fmt.Sprintf("DnsDkim%d", i+1), "DKIM: the key that the e-mails are signed with", *record.Name, "CNAME "+*record.Value+".")
	}
	from := mailFromDomain(cfg)
	add("DnsMailFrom", "MAIL FROM: where bounces go", from, fmt.Sprintf("MX 10 feedback-smtp.%s.amazonses.com.", cfg.Region))
	add("DnsSpf", "SPF: who may send in the domain's name", from, `TXT "v=spf1 include:amazonses.com -all"`)
	add("DnsDmarc", "DMARC: refuse what neither DKIM nor SPF proves", "_dmarc."+cfg.Email.Domain(), `TXT "v=DMARC1; p=reject; adkim=s"`)
}

// allowSend returns the grant to send as the stage's address.
func (e *email) allowSend() constructs.Grant {
	return constructs.AllowSendEmail(e.identity, e.from(), e.configurationSet)
}

// from returns the address that e-mails come from, without a name.
func (e *email) from() string { return e.settings.From }

// environment returns the variables of a function that may send.
func (e *email) environment() map[string]string { return e.settings.Variables() }

// forUserPool returns the setting that makes Cognito send through the identity.
// Cognito's own sender is limited to 50 e-mails a day and does not support custom
// texts.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
func (e *email) forUserPool(cfg config.Config) awscognito.UserPoolEmail {
	return awscognito.UserPoolEmail_WithSES(&awscognito.UserPoolSESOptions{
		FromEmail:            jsii.String(e.settings.From),
		FromName:             jsii.String(e.settings.App),
		ReplyTo:              jsii.String(e.settings.ReplyTo),
		SesVerifiedDomain:    jsii.String(cfg.Email.Domain()),
		ConfigurationSetName: jsii.String(e.settings.ConfigurationSet),
	})
}
