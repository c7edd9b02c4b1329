package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewApiOriginGuard() {
	stack := newStack()
	key := constructs.NewDataKey(stack, "SecretKey", &constructs.DataKeyProps{
		Alias: "shop/prod/secrets", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager},
	})
	guard := constructs.NewApiOriginGuard(stack, "OriginGuard", &constructs.ApiOriginGuardProps{
		SecretName:    "shop/prod/origin",
		Api:           constructs.ApiReference{Domain: "origin-api.example.com"},
		EncryptionKey: key.Key,
	})
	for _, s := range guard.AllowRead() {
		fmt.Println(s.Sid, s.Actions)
	}
	// Output:
	// OriginGuardRead [secretsmanager:GetSecretValue]
	// OriginGuardReadKey [kms:Decrypt]
}

func guardedAPI(t *testing.T, stack awscdk.Stack, change func(p *constructs.ApiOriginGuardProps)) map[string]any {
	t.Helper()
	props := constructs.ApiOriginGuardProps{
		SecretName: "shop/origin", Api: constructs.ApiReference{Domain: "origin-api.example.com"}, EncryptionKey: secretKey(stack).Key,
	}
	change(&props)
	constructs.NewApiOriginGuard(stack, "Guard", &props)
	return only(t, synth(stack), "AWS::SecretsManager::Secret")
}

func TestApiOriginGuard_GeneratesSecretWithHost(t *testing.T) {
	secret := guardedAPI(t, newStack(), func(*constructs.ApiOriginGuardProps) {})
	equal(t, "name", at(secret, "Properties", "Name"), `"shop/origin"`)
	equal(t, "description", at(secret, "Properties", "Description"), `"What the edge shows to the API, and the API's host. JSON keys: ORIGIN_SECRET, ORIGIN_HOST"`)
	equal(t, "value", at(secret, "Properties", "GenerateSecretString"), `{
		"SecretStringTemplate": "{\"ORIGIN_HOST\":\"origin-api.example.com\"}", "GenerateStringKey": "ORIGIN_SECRET",
		"PasswordLength": 64, "ExcludePunctuation": true}`)
	equal(t, "DeletionPolicy", secret["DeletionPolicy"], `"RetainExceptOnCreate"`)
	if key, _ := at(secret, "Properties", "KmsKeyId", "Fn::GetAtt", 0).(string); !strings.HasPrefix(key, "SecretKey") {
		t.Errorf("the key is %v, want the given one", at(secret, "Properties", "KmsKeyId"))
	}
	disposable := guardedAPI(t, newStack(), func(p *constructs.ApiOriginGuardProps) { p.Disposable = true })
	equal(t, "DeletionPolicy", disposable["DeletionPolicy"], `"Delete"`)
}

func TestApiOriginGuard_APIOfSameStack_SecretHasItsHost(t *testing.T) {
	stack := newStack()
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
	secret := guardedAPI(t, stack, func(p *constructs.ApiOriginGuardProps) { p.Api = constructs.ApiReference{Api: api} })
	template := at(secret, "Properties", "GenerateSecretString", "SecretStringTemplate", "Fn::Join", 1)
	equal(t, "before the id", at(template, 0), `"{\"ORIGIN_HOST\":\""`)
	equal(t, "after the id", at(template, 2), `".execute-api.eu-west-2.amazonaws.com\"}"`)
}

func TestApiOriginGuard_ReplicatesSecretToEdgeRegion(t *testing.T) {
	secret := guardedAPI(t, newStack(), func(*constructs.ApiOriginGuardProps) {})
	equal(t, "replicas", at(secret, "Properties", "ReplicaRegions"), `[{"Region": "us-east-1"}]`)
	const key = "arn:aws:kms:us-east-1:111122223333:key/0f6a8c1e"
	keyed := guardedAPI(t, newStack(), func(p *constructs.ApiOriginGuardProps) { p.ReplicaKeyARN = key })
	equal(t, "replicas", at(keyed, "Properties", "ReplicaRegions"), `[{"Region": "us-east-1", "KmsKeyId": "`+key+`"}]`)
	at1 := guardedAPI(t, newEdgeStack(constructs.EdgeRegion), func(*constructs.ApiOriginGuardProps) {})
	equal(t, "replicas at the edge itself", at(at1, "Properties", "ReplicaRegions"), `null`)
}

func TestApiOriginGuard_AllowRead_GrantsSecretByARN(t *testing.T) {
	stack := newStack()
	guard := constructs.NewApiOriginGuard(stack, "Guard", &constructs.ApiOriginGuardProps{
		SecretName: "shop/origin", Api: constructs.ApiReference{ID: "a1b2c3d4e5", Region: "eu-west-2"}, EncryptionKey: secretKey(stack).Key,
	})
	grant := guard.AllowRead()
	if len(grant) != 2 || grant[0].Resources[0] != guard.ARN() {
		t.Errorf("the grant is %v, want the secret %s and its key", grant, guard.ARN())
	}
}

func TestApiOriginGuard_ForwarderSecret_IsAnotherSecret(t *testing.T) {
	stack := newStack()
	guard := constructs.NewApiOriginGuard(stack, "Guard", &constructs.ApiOriginGuardProps{
		SecretName: "shop/origin", ForwarderSecretName: "shop/forwarder",
		Api: constructs.ApiReference{Domain: "origin-api.example.com"}, EncryptionKey: secretKey(stack).Key,
	})
	edge, forwarder := guard.AllowRead(), guard.AllowReadForwarder()
	if forwarder[0].Resources[0] != guard.ForwarderARN() || guard.ForwarderARN() == guard.ARN() || forwarder[0].Sid == edge[0].Sid {
		t.Errorf("the grants are %v and %v", edge, forwarder)
	}
	for _, secret := range all(synth(stack), "AWS::SecretsManager::Secret") {
		if at(secret, "Properties", "Name") == "shop/forwarder" {
			equal(t, "value", at(secret, "Properties", "GenerateSecretString"), `{
				"SecretStringTemplate": "{}", "GenerateStringKey": "FORWARDER_SECRET", "PasswordLength": 64, "ExcludePunctuation": true}`)
			equal(t, "replicas", at(secret, "Properties", "ReplicaRegions"), `[{"Region": "us-east-1"}]`)
			return
		}
	}
	t.Error("the forwarder has no secret")
}

func TestApiOriginGuard_InvalidProps_AreRefused(t *testing.T) {
	stack := newStack()
	key := secretKey(stack).Key
	cases := map[string]struct {
		spoil func(p *constructs.ApiOriginGuardProps)
		props []string
	}{
		"secret's name":           {func(p *constructs.ApiOriginGuardProps) { p.SecretName = "a b" }, []string{"SecretName"}},
		"forwarder's name":        {func(p *constructs.ApiOriginGuardProps) { p.ForwarderSecretName = "a b" }, []string{"ForwarderSecretName"}},
		"one secret for both":     {func(p *constructs.ApiOriginGuardProps) { p.ForwarderSecretName = "s" }, []string{"ForwarderSecretName"}},
		"no API":                  {func(p *constructs.ApiOriginGuardProps) { p.Api = constructs.ApiReference{} }, []string{"Api"}},
		"API's id":                {func(p *constructs.ApiOriginGuardProps) { p.Api = constructs.ApiReference{ID: "A", Region: "eu-west-2"} }, []string{"Api.ID"}},
		"no key":                  {func(p *constructs.ApiOriginGuardProps) { p.EncryptionKey = nil }, []string{"EncryptionKey"}},
		"replica's key elsewhere": {func(p *constructs.ApiOriginGuardProps) { p.ReplicaKeyARN = "arn:aws:kms:eu-west-2:111122223333:key/0" }, []string{"ReplicaKeyARN"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.ApiOriginGuardProps{SecretName: "s", Api: constructs.ApiReference{Domain: "a.example.com"}, EncryptionKey: key}
			c.spoil(&props)
			refused(t, func() { constructs.NewApiOriginGuard(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.NewApiOriginGuard(stack, "none", nil) }, "SecretName", "Api", "EncryptionKey")

	nowhere := newEdgeStack("")
	refused(t, func() {
		constructs.NewApiOriginGuard(nowhere, "Guard", &constructs.ApiOriginGuardProps{
			SecretName: "s", Api: constructs.ApiReference{Domain: "a.example.com"}, EncryptionKey: secretKey(nowhere).Key,
		})
	}, "scope")
}
