package stacks

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/emailtemplates"
	"github.com/expenzez/infrastructure/policy"
)

// userPool is the stage's user pool and the app client with which the backend signs
// users in.
type userPool struct {
	awscognito.UserPool
	client awscognito.UserPoolClient
}

// newUserPool makes a pool whose users sign in with a username. The backend looks the
// username up for an e-mail address (docs/decisions/0007). The pool's only attribute is
// the e-mail address, which Cognito needs to send codes. Every other personal field is
// encrypted in the Users table.
func newUserPool(stack awscdk.Stack, cfg config.Config, email *email) userPool {
	code, err := emailtemplates.CognitoCode(cfg.Email.Name)
	if err != nil {
		panic(err)
	}
	removal := awscdk.RemovalPolicy_RETAIN
	if cfg.Data.Disposable {
		removal = awscdk.RemovalPolicy_DESTROY
	}
	pool := awscognito.NewUserPool(stack, jsii.String("UserPool"), &awscognito.UserPoolProps{
		UserPoolName:        jsii.String(cfg.PhysicalName("users")),
		SelfSignUpEnabled:   jsii.Bool(true),
		SignInAliases:       &awscognito.SignInAliases{Username: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false),
		AutoVerify:          &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		StandardAttributes: &awscognito.StandardAttributes{
			Email: &awscognito.StandardAttribute{Required: jsii.Bool(true), Mutable: jsii.Bool(true)},
		},
		PasswordPolicy:  passwordPolicy(),
		AccountRecovery: awscognito.AccountRecovery_EMAIL_ONLY,
		UserVerification: &awscognito.UserVerificationConfig{
			EmailStyle:   awscognito.VerificationEmailStyle_CODE,
			EmailSubject: jsii.String(code.Subject),
			EmailBody:    jsii.String(code.HTML),
		},
		Email:              email.forUserPool(cfg),
		DeletionProtection: jsii.Bool(!cfg.Data.Disposable),
		RemovalPolicy:      removal,
		FeaturePlan:        featurePlan(cfg),

		StandardThreatProtectionMode: threatProtection(cfg),
	})
	pool.Node().AddDependency(email.identity, email.configurationSet) // the pool names both without a reference
	policy.Accept(pool, "AwsSolutions-COG2", "The installed app has no screen for a second factor: requiring one would lock every user out.")
	blockCompromisedPasswords(stack, cfg, pool)
	if cfg.WAF.UserPool {
		addUserPoolWebACL(stack, cfg, pool)
	}
	return userPool{UserPool: pool, client: newUserPoolClient(pool, cfg)}
}

// passwordPolicy returns the rules that the sign-up wizard shows.
func passwordPolicy() *awscognito.PasswordPolicy {
	return &awscognito.PasswordPolicy{
		MinLength:        jsii.Number(8),
		RequireLowercase: jsii.Bool(true),
		RequireUppercase: jsii.Bool(true),
		RequireDigits:    jsii.Bool(true),
		RequireSymbols:   jsii.Bool(true),
	}
}

// newUserPoolClient makes the backend's app client. Every token contains the client's
// id, so a secret proves that the backend is the caller (docs/decisions/0016).
// Passwords are accepted only from callers with IAM permissions (0006), and custom
// challenges only with a ticket that the backend signed (0013). The client reads
// email_verified alone, so the ID token contains only that beside the username. The
// address itself may have characters that the installed app cannot decode.
func newUserPoolClient(pool awscognito.UserPool, cfg config.Config) awscognito.UserPoolClient {
	attributes := func(mask *awscognito.StandardAttributesMask) awscognito.ClientAttributes {
		return awscognito.NewClientAttributes().WithStandardAttributes(mask)
	}
	return pool.AddClient(jsii.String("Client"), &awscognito.UserPoolClientOptions{
		UserPoolClientName:         jsii.String("backend"),
		GenerateSecret:             jsii.Bool(true),
		AuthFlows:                  &awscognito.AuthFlow{AdminUserPassword: jsii.Bool(true), Custom: jsii.Bool(true)},
		DisableOAuth:               jsii.Bool(true),
		PreventUserExistenceErrors: jsii.Bool(true),
		EnableTokenRevocation:      jsii.Bool(true),
		AccessTokenValidity:        minutes(cfg.Tokens.Access),
		IdTokenValidity:            minutes(cfg.Tokens.ID),
		RefreshTokenValidity:       minutes(cfg.Tokens.Refresh),
		ReadAttributes:             attributes(&awscognito.StandardAttributesMask{EmailVerified: jsii.Bool(true)}),
		WriteAttributes:            attributes(&awscognito.StandardAttributesMask{Email: jsii.Bool(true)}),
	})
}

// clientSecret returns a reference to the client's secret. CDK's own attribute would
// add a function that calls Cognito; CloudFormation's attribute needs none.
func (p userPool) clientSecret() string {
	var resource awscognito.CfnUserPoolClient
	jsii.UnsafeCast(p.client.Node().DefaultChild(), &resource)
	return *resource.AttrClientSecret()
}

func minutes(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(d.Minutes()))
}
