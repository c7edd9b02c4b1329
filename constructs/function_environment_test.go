package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func withEnvironment(t *testing.T, stack awscdk.Stack, environment map[string]string) *constructs.LeastPrivilegeFunction {
	t.Helper()
	return constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
		Name: "orders", Code: bootstrap(t), Environment: environment,
	})
}

// The value is the secret, whatever the variable is called.
func TestEnvironment_SecretValue_IsRefused(t *testing.T) {
	for name, value := range map[string]string{
		"DATABASE_URL": "postgres://app:hunter2@db.example.com/shop", "DB_PASS": "hunter2", "JWT_SIGNING_KEY": "change-me",
		"ALERTS": "https://hooks." + "slack.com/services/T012345/B012345/a1b2c3d4e5f6", "SEED": "9fK2" + "xQ7bLm4Zr8TnV1cYw6Hs3JdPg5Ae",
	} {
		refused(t, func() { withEnvironment(t, newStack(), map[string]string{name: value}) }, `Environment["`+name+`"]`)
	}
}

func TestEnvironment_SecretName_IsAllowed(t *testing.T) {
	stack := newStack()
	withEnvironment(t, stack, map[string]string{"DB_SECRET": "shop/prod/db", "JWT_SIGNING_KEY": "alias/shop-jwt", "API_KEY": "/shop/prod/api-key"})
	synthSucceeds(t, stack)
}

// CloudFormation replaces each of these by the secret, so that the function's
// configuration shows it.
func TestEnvironment_ReferenceToSecret_FailsSynth(t *testing.T) {
	cases := map[string]struct {
		value func(stack awscdk.Stack) string
		word  string
	}{
		"a secret of this stack": {func(stack awscdk.Stack) string {
			return *awssecretsmanager.NewSecret(stack, jsii.String("Db"), nil).SecretValue().UnsafeUnwrap()
		}, "a reference that CloudFormation replaces by the secret"},
		"a key of a secret within a URL": {func(awscdk.Stack) string {
			password := awscdk.SecretValue_SecretsManager(jsii.String("shop/db"), &awscdk.SecretsManagerSecretOptions{JsonField: jsii.String("password")})
			return "postgres://app:" + *password.UnsafeUnwrap() + "@db.example.com/shop"
		}, "a reference that CloudFormation replaces by the secret"},
		"a secure parameter": {func(awscdk.Stack) string {
			return *awscdk.SecretValue_SsmSecure(jsii.String("/shop/db"), nil).UnsafeUnwrap()
		}, "a reference that CloudFormation replaces by the secret"},
		"a client's secret": {func(stack awscdk.Stack) string {
			pool := awscognito.NewUserPool(stack, jsii.String("Users"), nil)
			client := awscognito.NewCfnUserPoolClient(stack, jsii.String("Client"), &awscognito.CfnUserPoolClientProps{
				UserPoolId: pool.UserPoolId(), GenerateSecret: jsii.Bool(true)})
			return *client.AttrClientSecret()
		}, "an attribute that is a secret"},
		"a parameter as a password in a URL": {func(stack awscdk.Stack) string {
			return "postgres://app:" + *awscdk.NewCfnParameter(stack, jsii.String("Password"), nil).ValueAsString() + "@db/shop"
		}, "a password in a URL"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			stack := newStack()
			made := panicOf(func() {
				f := withEnvironment(t, stack, nil)
				f.Function.AddEnvironment(jsii.String("DATABASE_URL"), jsii.String(c.value(stack)), nil)
			})
			if made != nil {
				t.Fatal(made)
			}
			synthFails(t, stack, "Test/Orders/Function", `Environment["DATABASE_URL"]`, c.word)
		})
	}
}
