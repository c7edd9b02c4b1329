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

// blockCompromisedPasswords makes Cognito refuse a sign-in with a password known from a
// breach until the user has set another, in stages that pay for it. This is the only
// risk event for which AWS documents the backend's error
// (PasswordResetRequiredException). Cognito only records the risk of a sign-in's
// address and device. Blocking on it would lock out travellers, who have no second
// factor (docs/decisions/0015). The configuration says so explicitly: Cognito documents
// no default for risks of account takeover.
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
		AccountTakeoverRiskConfiguration: &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverRiskConfigurationTypeProperty{
			Actions: &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionsTypeProperty{
				LowAction: onlyRecord(), MediumAction: onlyRecord(), HighAction: onlyRecord(),
			},
		},
	})
}

// onlyRecord returns the action for a risk that Cognito records without any effect on the
// sign-in.
func onlyRecord() *awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionTypeProperty {
	return &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionTypeProperty{
		EventAction: jsii.String("NO_ACTION"), Notify: jsii.Bool(false),
	}
}
