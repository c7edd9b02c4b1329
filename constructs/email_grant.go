package constructs

import (
	"net/mail"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"
)

// AllowSendEmail grants sending e-mail from one address of a verified SES identity.
// Name the configuration sets that messages use, because SES requires permission on
// them too.
// https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
func AllowSendEmail(identity awsses.IEmailIdentity, from string, sets ...awsses.IConfigurationSet) Grant {
	requireNotNil("AllowSendEmail", "identity", identity)
	address, err := mail.ParseAddress(from)
	var bad problems
	bad.require(isToken(from) || err == nil && address.Address == from, "from",
		"is %q; give one address without a name, such as hello@example.com", from)
	bad.panicIfAny("AllowSendEmail", identity, "")

	arns := []string{*identity.EmailIdentityArn()}
	for _, set := range sets {
		arns = append(arns, *awscdk.Stack_Of(set).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ses"), Resource: jsii.String("configuration-set"), ResourceName: set.ConfigurationSetName(),
		}))
	}
	return Grant{{
		Sid: sidOf(identity, "SendEmail"), Actions: []string{"ses:SendEmail"}, Resources: arns,
		Conditions: map[string]map[string][]string{"StringEquals": {"ses:FromAddress": {from}}},
	}}
}
