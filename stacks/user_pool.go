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

// userPool is the stage's user pool and the client the backend signs users in
// with.
type userPool struct {
	awscognito.UserPool
	client awscognito.UserPoolClient
}

// newUserPool makes a pool whose users sign in with a username; the backend
// finds the username for an e-mail address itself (docs/decisions/0007).
// The only attribute is the e-mail address, which Cognito needs to send codes;
// every other personal field is in the Users table, encrypted.
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
	pool.Node().AddDependency(email.identity, email.configurationSet) // which it knows by name
	policy.Accept(pool, "AwsSolutions-COG2", "The installed app has no screen for a second factor: requiring one would lock every user out.")
	blockCompromisedPasswords(stack, cfg, pool)
	if cfg.WAF.UserPool {
		addUserPoolWebACL(stack, cfg, pool)
	}
	return userPool{UserPool: pool, client: newUserPoolClient(pool, cfg)}
}

// passwordPolicy has the rules that the sign-up wizard shows.
func passwordPolicy() *awscognito.PasswordPolicy {
	return &awscognito.PasswordPolicy{
		MinLength:        jsii.Number(8),
		RequireLowercase: jsii.Bool(true),
		RequireUppercase: jsii.Bool(true),
		RequireDigits:    jsii.Bool(true),
		RequireSymbols:   jsii.Bool(true),
	}
}

// newUserPoolClient makes the client of the backend. Its id is in every token, so
// a secret proves that it is the backend who asks (docs/decisions/0016); passwords
// are accepted with its IAM rights alone (0006), and custom challenges are answered
// by tickets that it alone can sign (0013). Whether the address is verified is all
// that the client reads, and so all that the ID token tells beside the username: an
// address may have characters that the installed app cannot decode in a token.
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

// clientSecret is a reference to the client's secret. CDK's own has a function made
// that asks Cognito; CloudFormation knows.
func (p userPool) clientSecret() string {
	var resource awscognito.CfnUserPoolClient
	jsii.UnsafeCast(p.client.Node().DefaultChild(), &resource)
	return *resource.AttrClientSecret()
}

func minutes(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(d.Minutes()))
}
