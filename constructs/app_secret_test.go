package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewAppSecret() {
	stack := newStack()
	key := constructs.NewDataKey(stack, "SecretKey", &constructs.DataKeyProps{
		Alias:    "shop/prod/secrets",
		Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	openAI := constructs.NewAppSecret(stack, "OpenAI", &constructs.AppSecretProps{
		Name:          "shop/prod/openai",
		Keys:          []constructs.SecretKey{"OPENAI_API_KEY"},
		EncryptionKey: key.Key,
	})
	for _, s := range openAI.AllowRead() {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output:
	// OpenAIRead [secretsmanager:GetSecretValue]
	// OpenAIReadKey [kms:Decrypt]
}

func secretKey(stack awscdk.Stack) *constructs.DataKey {
	return constructs.NewDataKey(stack, "SecretKey", &constructs.DataKeyProps{
		Alias: "secrets", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
}

func TestAppSecret_Defaults_HasNoValue(t *testing.T) {
	secret := only(t, build(func(stack awscdk.Stack) {
		constructs.NewAppSecret(stack, "Apple", &constructs.AppSecretProps{
			Name: "shop/prod/apple", Description: "Sign in with Apple.", EncryptionKey: secretKey(stack).Key,
			Keys: []constructs.SecretKey{"APPLE_TEAM_ID", "APPLE_PRIVATE_KEY"},
		})
	}), "AWS::SecretsManager::Secret")
	properties := at(secret, "Properties")
	equal(t, "name", at(properties, "Name"), `"shop/prod/apple"`)
	equal(t, "description", at(properties, "Description"), `"Sign in with Apple. JSON keys: APPLE_TEAM_ID, APPLE_PRIVATE_KEY"`)
	equal(t, "generated value", at(properties, "GenerateSecretString"), `null`)
	equal(t, "value", at(properties, "SecretString"), `null`)
	equal(t, "DeletionPolicy", secret["DeletionPolicy"], `"RetainExceptOnCreate"`)
	key, _ := at(properties, "KmsKeyId", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(key, "SecretKey") {
		t.Errorf("the key is %v, want the given one", at(properties, "KmsKeyId"))
	}
}

func TestAppSecret_GenerateLength_GeneratesValue(t *testing.T) {
	secret := only(t, build(func(stack awscdk.Stack) {
		constructs.NewAppSecret(stack, "Jwt", &constructs.AppSecretProps{
			Name: "shop/dev/jwt", Keys: []constructs.SecretKey{"JWT_SECRET"}, GenerateLength: 64,
			EncryptionKey: secretKey(stack).Key, Disposable: true,
		})
	}), "AWS::SecretsManager::Secret")
	equal(t, "generated value", at(secret, "Properties", "GenerateSecretString"), `{
		"SecretStringTemplate": "{}", "GenerateStringKey": "JWT_SECRET", "PasswordLength": 64, "ExcludePunctuation": true}`)
	equal(t, "DeletionPolicy", secret["DeletionPolicy"], `"Delete"`)
}

func TestAppSecret_Values_AreReferences(t *testing.T) {
	secret := only(t, build(func(stack awscdk.Stack) {
		pool := awscognito.NewUserPool(stack, jsii.String("Pool"), nil)
		client := awscognito.NewCfnUserPoolClient(stack, jsii.String("Client"), &awscognito.CfnUserPoolClientProps{
			UserPoolId: pool.UserPoolId(), GenerateSecret: jsii.Bool(true),
		})
		constructs.NewAppSecret(stack, "Cognito", &constructs.AppSecretProps{
			Name: "shop/dev/cognito", Keys: []constructs.SecretKey{"CLIENT_SECRET"}, EncryptionKey: secretKey(stack).Key,
			Values: map[constructs.SecretKey]string{"CLIENT_SECRET": *client.AttrClientSecret()},
		})
	}), "AWS::SecretsManager::Secret")
	equal(t, "value", at(secret, "Properties", "SecretString"),
		`{"Fn::Join": ["", ["{\"CLIENT_SECRET\":\"", {"Fn::GetAtt": ["Client", "ClientSecret"]}, "\"}"]]}`)
	equal(t, "generated value", at(secret, "Properties", "GenerateSecretString"), `null`)
}

func TestAppSecret_LeavesKeyPolicyUnchanged(t *testing.T) {
	statements := func(make func(awscdk.Stack)) int {
		return len(at(only(t, build(make), "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement").([]any))
	}
	alone := statements(func(stack awscdk.Stack) { secretKey(stack) })
	used := statements(func(stack awscdk.Stack) {
		constructs.NewAppSecret(stack, "S", &constructs.AppSecretProps{
			Name: "s", Keys: []constructs.SecretKey{"K"}, EncryptionKey: secretKey(stack).Key,
		})
	})
	if alone != used {
		t.Errorf("the key's policy has %d statements with a secret, %d without", used, alone)
	}
}

func TestAppSecret_AllowRead_GrantsSecretAndKey(t *testing.T) {
	stack := newStack()
	secret := constructs.NewAppSecret(stack, "Apple", &constructs.AppSecretProps{
		Name: "apple", Keys: []constructs.SecretKey{"K"}, EncryptionKey: secretKey(stack).Key,
	})
	constructs.NewLeastPrivilegeFunction(stack, "SignIn", &constructs.LeastPrivilegeFunctionProps{
		Name: "sign-in", Code: bootstrap(t), Grants: []constructs.Grant{secret.AllowRead()},
	})
	role := only(t, synth(stack), "AWS::IAM::Role")
	read := statement(role, "AppleRead")
	id, _ := at(read, "Resource", "Ref").(string)
	equal(t, "actions", read["Action"], `"secretsmanager:GetSecretValue"`)
	if !strings.HasPrefix(id, "Apple") {
		t.Errorf("the resource is %v, want the secret", read["Resource"])
	}
	decrypt := statement(role, "AppleReadKey")
	equal(t, "actions", decrypt["Action"], `"kms:Decrypt"`)
	equal(t, "conditions", decrypt["Condition"], fmt.Sprintf(`{"StringEquals": {
		"kms:ViaService": "secretsmanager.eu-west-2.amazonaws.com", "kms:EncryptionContext:SecretARN": {"Ref": %q}}}`, id))
}

func TestAllowSecret_RequiresFullARN(t *testing.T) {
	stack := newStack()
	arn := "arn:aws:secretsmanager:eu-west-2:111122223333:secret:partner-AbCdEf"
	whole := awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("Partner"), jsii.String(arn))
	want := constructs.Grant{{Sid: "PartnerRead", Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{arn}}}
	if got := constructs.AllowSecret(whole); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the grant is %v, want %v", got, want)
	}
	named := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Named"), jsii.String("partner"))
	refused(t, func() { constructs.AllowSecret(named) }, "secret")
}

func TestAppSecret_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	key := secretKey(stack).Key
	good := func() constructs.AppSecretProps {
		return constructs.AppSecretProps{Name: "s", Keys: []constructs.SecretKey{"K"}, EncryptionKey: key}
	}
	cases := map[string]struct {
		spoil func(p *constructs.AppSecretProps)
		props []string
	}{
		"no name":            {func(p *constructs.AppSecretProps) { p.Name = "" }, []string{"Name"}},
		"name with a space":  {func(p *constructs.AppSecretProps) { p.Name = "a b" }, []string{"Name"}},
		"no keys":            {func(p *constructs.AppSecretProps) { p.Keys = nil }, []string{"Keys"}},
		"key with a dash":    {func(p *constructs.AppSecretProps) { p.Keys[0] = "API-KEY" }, []string{"Keys[0]"}},
		"key twice":          {func(p *constructs.AppSecretProps) { p.Keys = []constructs.SecretKey{"K", "K"} }, []string{"Keys[1]"}},
		"no encryption key":  {func(p *constructs.AppSecretProps) { p.EncryptionKey = nil }, []string{"EncryptionKey"}},
		"invented too short": {func(p *constructs.AppSecretProps) { p.GenerateLength = 31 }, []string{"GenerateLength"}},
		"invented too long":  {func(p *constructs.AppSecretProps) { p.GenerateLength = 4097 }, []string{"GenerateLength"}},
		"invented for two":   {func(p *constructs.AppSecretProps) { p.Keys, p.GenerateLength = []constructs.SecretKey{"A", "B"}, 64 }, []string{"GenerateLength"}},
		"value for one of two": {func(p *constructs.AppSecretProps) {
			p.Keys, p.Values = []constructs.SecretKey{"A", "B"}, map[constructs.SecretKey]string{"A": *stack.StackId()}
		}, []string{"Values"}},
		"value of another key": {func(p *constructs.AppSecretProps) { p.Values = map[constructs.SecretKey]string{"A": *stack.StackId()} }, []string{"Values"}},
		"value as text":        {func(p *constructs.AppSecretProps) { p.Values = map[constructs.SecretKey]string{"K": "hunter2"} }, []string{"Values"}},
		"value and invented": {func(p *constructs.AppSecretProps) {
			p.GenerateLength, p.Values = 64, map[constructs.SecretKey]string{"K": *stack.StackId()}
		}, []string{"Values"}},
		"description too long": {func(p *constructs.AppSecretProps) { p.Description = strings.Repeat("d", 2048) }, []string{"Description"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := good()
			c.spoil(&props)
			refused(t, func() { constructs.NewAppSecret(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewAppSecret(stack, "none", nil) }, "Name", "Keys", "EncryptionKey")
}
