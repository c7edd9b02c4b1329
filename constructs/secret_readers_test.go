package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func secretWith(set func(p *constructs.AppSecretProps)) map[string]any {
	return build(func(stack awscdk.Stack) {
		props := &constructs.AppSecretProps{Name: "jwt", Keys: []constructs.SecretKey{"K"}, EncryptionKey: secretKey(stack).Key}
		set(props)
		constructs.NewAppSecret(stack, "Jwt", props)
	})
}

func TestAppSecret_Readers_DeniesOthers(t *testing.T) {
	template := secretWith(func(p *constructs.AppSecretProps) { p.Readers = []string{"sign-in", "operators/on-call"} })
	policy := only(t, template, "AWS::SecretsManager::ResourcePolicy")
	equal(t, "public", at(policy, "Properties", "BlockPublicPolicy"), `true`)
	equal(t, "statements", at(policy, "Properties", "ResourcePolicy", "Statement"), `[{
		"Sid": "OnlyNamedReaders", "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*",
		"Condition": {"ArnNotEquals": {"aws:PrincipalArn": [
			"arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/sign-in", "arn:aws:iam::111122223333:role/operators/on-call"]}}}]`)
	equal(t, "DeletionPolicy", policy["DeletionPolicy"], `"RetainExceptOnCreate"`)
	if found := constructs.UnexplainedWildcards(template); len(found) > 0 {
		t.Errorf("unexplained: %q", found)
	}
}

func TestAppSecret_Disposable_DeletesItsPolicy(t *testing.T) {
	template := secretWith(func(p *constructs.AppSecretProps) { p.Readers, p.Disposable = []string{"sign-in"}, true })
	equal(t, "DeletionPolicy", only(t, template, "AWS::SecretsManager::ResourcePolicy")["DeletionPolicy"], `"Delete"`)
}

func TestAppSecret_WithoutReaders_HasNoPolicy(t *testing.T) {
	template := secretWith(func(*constructs.AppSecretProps) {})
	if found := all(template, "AWS::SecretsManager::ResourcePolicy"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	equal(t, "replicas", at(only(t, template, "AWS::SecretsManager::Secret"), "Properties", "ReplicaRegions"), `null`)
}

// A reader's stack refers to the secret's, so the secret may not refer back.
func TestAppSecret_ReaderInLaterStack_MakesNoCycle(t *testing.T) {
	stack := newStack()
	secret := newJwt(stack, "sign-in")
	constructs.NewLeastPrivilegeFunction(elsewhere(stack), "SignIn", &constructs.LeastPrivilegeFunctionProps{
		Name: "sign-in", RoleName: "sign-in", Code: bootstrap(t), Grants: []constructs.Grant{secret.AllowRead()},
	})
	synthSucceeds(t, stack)
}

func TestAppSecret_Replicas_UseTheirRegionsKeys(t *testing.T) {
	const key = "arn:aws:kms:eu-central-1:111122223333:key/mrk-1234"
	secret := only(t, secretWith(func(p *constructs.AppSecretProps) {
		p.Replicas = []constructs.SecretReplica{{Region: "eu-central-1", KeyARN: key}}
	}), "AWS::SecretsManager::Secret")
	equal(t, "replicas", at(secret, "Properties", "ReplicaRegions"), `[{"Region": "eu-central-1", "KmsKeyId": "`+key+`"}]`)
}

func TestAppSecret_InvalidReadersAndReplicas_AreRefused(t *testing.T) {
	stack := newStack()
	key := secretKey(stack).Key
	replica := func(region, keyRegion string) constructs.SecretReplica {
		return constructs.SecretReplica{Region: region, KeyARN: "arn:aws:kms:" + keyRegion + ":111122223333:key/mrk-1"}
	}
	cases := map[string]struct {
		readers  []string
		replicas []constructs.SecretReplica
		props    []string
	}{
		"reader without a name": {[]string{"a", ""}, nil, []string{"Readers[1]"}},
		"all readers":           {[]string{"*"}, nil, []string{"Readers[0]"}},
		"readers by prefix":     {[]string{"admin/*"}, nil, []string{"Readers[0]"}},
		"reader by ARN":         {[]string{"arn:aws:iam::111122223333:role/a"}, nil, []string{"Readers[0]"}},
		"no region":             {nil, []constructs.SecretReplica{replica("", "")}, []string{"Replicas[0].Region", "Replicas[0].KeyARN"}},
		"at home":               {nil, []constructs.SecretReplica{replica("eu-west-2", "eu-west-2")}, []string{"Replicas[0].Region"}},
		"twice":                 {nil, []constructs.SecretReplica{replica("eu-west-1", "eu-west-1"), replica("eu-west-1", "eu-west-1")}, []string{"Replicas[1].Region"}},
		"key of another region": {nil, []constructs.SecretReplica{replica("eu-west-1", "eu-west-2")}, []string{"Replicas[0].KeyARN"}},
		"no key":                {nil, []constructs.SecretReplica{{Region: "eu-west-1"}}, []string{"Replicas[0].KeyARN"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() {
				constructs.NewAppSecret(stack, name, &constructs.AppSecretProps{
					Name: "s", Keys: []constructs.SecretKey{"K"}, EncryptionKey: key, Readers: c.readers, Replicas: c.replicas,
				})
			}, c.props...)
		})
	}
}
