package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/policy"
)

func featurePlan(cfg config.Config) awscognito.FeaturePlan {
	if cfg.ThreatProtection {
		return awscognito.FeaturePlan_PLUS
	}
	return awscognito.FeaturePlan_ESSENTIALS
}

func threatProtection(cfg config.Config) awscognito.StandardThreatProtectionMode {
	if cfg.ThreatProtection {
		return awscognito.StandardThreatProtectionMode_FULL_FUNCTION
	}
	return awscognito.StandardThreatProtectionMode_NO_ENFORCEMENT
}

// blockCompromisedPasswords has Cognito refuse a sign-in whose password is known from a
// breach, until its user has set another, where the stage pays for that. It is the
// one event of which it is documented what the backend is told
// (PasswordResetRequiredException). What Cognito makes of the address and the device
// of a sign-in is recorded and stops nobody: it would stop travellers, and they have
// no second factor to offer (docs/decisions/0015).
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-compromised-credentials.html
func blockCompromisedPasswords(stack awscdk.Stack, cfg config.Config, pool awscognito.UserPool) {
	if !cfg.ThreatProtection {
		policy.Accept(pool, "AwsSolutions-COG3", "This stage does not pay for the Plus plan, which threat protection needs (config.Config.ThreatProtection).")
		return
	}
	awscognito.NewCfnUserPoolRiskConfigurationAttachment(stack, jsii.String("UserPoolRisks"), &awscognito.CfnUserPoolRiskConfigurationAttachmentProps{
		UserPoolId: pool.UserPoolId(),
		ClientId:   jsii.String("ALL"),
		CompromisedCredentialsRiskConfiguration: &awscognito.CfnUserPoolRiskConfigurationAttachment_CompromisedCredentialsRiskConfigurationTypeProperty{
			EventFilter: jsii.Strings("SIGN_IN"),
			Actions: &awscognito.CfnUserPoolRiskConfigurationAttachment_CompromisedCredentialsActionsTypeProperty{
				EventAction: jsii.String("BLOCK"),
			},
		},
	})
}
