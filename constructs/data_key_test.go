package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewDataKey() {
	stack := newStack()
	constructs.NewDataKey(stack, "TableKey", &constructs.DataKeyProps{
		Alias:    "shop/prod/tables",
		Services: []constructs.KeyService{constructs.KeyServiceDynamoDB},
	})
	fields := constructs.NewDataKey(stack, "FieldKey", &constructs.DataKeyProps{
		Alias:      "shop/prod/fields",
		Operations: []constructs.KeyOperation{constructs.GenerateDataKey, constructs.Decrypt},
	})
	index := constructs.NewDataKey(stack, "IndexKey", &constructs.DataKeyProps{
		Alias:      "shop/prod/index",
		Spec:       constructs.HMAC256,
		Operations: []constructs.KeyOperation{constructs.GenerateMac},
	})
	fmt.Println(fields.Allow(constructs.Decrypt)[0].Actions)
	fmt.Println(fields.AllowInContext("table", "users", constructs.Decrypt)[0].Conditions)
	fmt.Println(index.Allow(constructs.GenerateMac)[0].Actions)
	// Output:
	// [kms:Decrypt]
	// map[StringEquals:map[kms:EncryptionContext:table:[users]]]
	// [kms:GenerateMac]
}

func dataKey(props constructs.DataKeyProps) map[string]any {
	return build(func(stack awscdk.Stack) { constructs.NewDataKey(stack, "K", &props) })
}

// KMS takes no policy in which two statements have the same Sid.
func TestDataKey_AllServices_HaveStatementsOfTheirOwn(t *testing.T) {
	policy := dataKey(constructs.DataKeyProps{Alias: "shop", Services: []constructs.KeyService{
		constructs.KeyServiceDynamoDB, constructs.KeyServiceSecretsManager, constructs.KeyServiceS3, constructs.KeyServiceLogs,
		constructs.KeyServiceAlerts, constructs.KeyServiceSQS, constructs.KeyServiceSNS, constructs.KeyServiceBackup, constructs.KeyServiceCloudTrail,
	}})
	seen := map[any]bool{}
	for i := 0; at(only(t, policy, "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement", i) != nil; i++ {
		sid := at(only(t, policy, "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement", i, "Sid")
		if sid != nil && seen[sid] {
			t.Errorf("two statements have the Sid %v", sid)
		}
		seen[sid] = true
	}
	if len(seen) < 8 {
		t.Errorf("the policy has %d kinds of statements", len(seen))
	}
}

func TestDataKey_Defaults_RotatesAndRetains(t *testing.T) {
	key := only(t, dataKey(constructs.DataKeyProps{
		Alias: "tables", Services: []constructs.KeyService{constructs.KeyServiceDynamoDB},
	}), "AWS::KMS::Key")
	equal(t, "rotation", at(key, "Properties", "EnableKeyRotation"), `true`)
	equal(t, "rotation days", at(key, "Properties", "RotationPeriodInDays"), `365`)
	equal(t, "spec", at(key, "Properties", "KeySpec"), `"SYMMETRIC_DEFAULT"`)
	equal(t, "usage", at(key, "Properties", "KeyUsage"), `"ENCRYPT_DECRYPT"`)
	equal(t, "DeletionPolicy", key["DeletionPolicy"], `"RetainExceptOnCreate"`)
}

func TestDataKey_Disposable_IsDeletedAfterSevenDays(t *testing.T) {
	key := only(t, dataKey(constructs.DataKeyProps{
		Alias: "tables", RotationDays: 90, Disposable: true,
		Services: []constructs.KeyService{constructs.KeyServiceDynamoDB},
	}), "AWS::KMS::Key")
	equal(t, "DeletionPolicy", key["DeletionPolicy"], `"Delete"`)
	equal(t, "window", at(key, "Properties", "PendingWindowInDays"), `7`)
	equal(t, "rotation days", at(key, "Properties", "RotationPeriodInDays"), `90`)
}

func TestDataKey_ServiceDynamoDB_AllowsUseThroughDynamoDBOnly(t *testing.T) {
	policy := at(only(t, dataKey(constructs.DataKeyProps{
		Alias: "tables", Services: []constructs.KeyService{constructs.KeyServiceDynamoDB},
	}), "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement")
	equal(t, "statement", any(statement(policy, "ThroughDynamoDB")), `{
		"Sid": "ThroughDynamoDB", "Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
		"Action": ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey",
			"kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
		"Condition": {"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "dynamodb.eu-west-2.amazonaws.com"}}}`)
	if n := len(policy.([]any)); n != 2 {
		t.Errorf("the policy has %d statements, want administration and DynamoDB", n)
	}
}

func TestDataKey_Administrators_CannotUseKey(t *testing.T) {
	policy := at(only(t, dataKey(constructs.DataKeyProps{
		Alias: "fields", Operations: []constructs.KeyOperation{constructs.Decrypt},
	}), "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement")
	actions := fmt.Sprint(statement(policy, "AdministrationWithoutUse")["Action"])
	for _, use := range []string{"*", "Encrypt", "Decrypt", "GenerateDataKey", "GenerateMac", "CreateGrant", "ReEncrypt"} {
		if strings.Contains(actions, use) {
			t.Errorf("administrators may %s: %s", use, actions)
		}
	}
	for _, management := range []string{"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DescribeKey"} {
		if !strings.Contains(actions, management) {
			t.Errorf("administrators may not %s: %s", management, actions)
		}
	}
}

func TestDataKey_Operations_AllowsOnlyThese(t *testing.T) {
	policy := at(only(t, dataKey(constructs.DataKeyProps{
		Alias: "fields", Operations: []constructs.KeyOperation{constructs.GenerateDataKey, constructs.Decrypt},
	}), "AWS::KMS::Key"), "Properties", "KeyPolicy", "Statement")
	direct := statement(policy, "RolesThatTheirOwnPolicyAllows")
	equal(t, "actions", direct["Action"], `["kms:Decrypt", "kms:GenerateDataKey"]`)
	equal(t, "principal", direct["Principal"], `{"AWS": "arn:aws:iam::111122223333:root"}`)
}

func TestDataKey_HMAC_IsNotRotated(t *testing.T) {
	key := only(t, dataKey(constructs.DataKeyProps{
		Alias: "index", Spec: constructs.HMAC256, Operations: []constructs.KeyOperation{constructs.GenerateMac},
	}), "AWS::KMS::Key")
	equal(t, "spec", at(key, "Properties", "KeySpec"), `"HMAC_256"`)
	equal(t, "usage", at(key, "Properties", "KeyUsage"), `"GENERATE_VERIFY_MAC"`)
	equal(t, "rotation", at(key, "Properties", "EnableKeyRotation"), `null`)
	equal(t, "actions", statement(key, "RolesThatTheirOwnPolicyAllows")["Action"], `"kms:GenerateMac"`)
}

func TestDataKey_ServicesSecretsManagerAndLogs_AreAllowed(t *testing.T) {
	key := only(t, dataKey(constructs.DataKeyProps{
		Alias: "shared", Services: []constructs.KeyService{constructs.KeyServiceSecretsManager, constructs.KeyServiceLogs},
	}), "AWS::KMS::Key")
	secrets := statement(key, "ThroughSecretsManager")
	equal(t, "conditions", secrets["Condition"], `{"StringEquals": {
		"kms:CallerAccount": "111122223333", "kms:ViaService": "secretsmanager.eu-west-2.amazonaws.com"}}`)
	equal(t, "principal", secrets["Principal"], `{"AWS": "arn:aws:iam::111122223333:root"}`)
	logs := statement(key, "LogGroupsOfTheAccount")
	equal(t, "principal", logs["Principal"], `{"Service": "logs.eu-west-2.amazonaws.com"}`)
	equal(t, "conditions", logs["Condition"], `{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-2:111122223333:*"}}`)
}

func TestDataKey_GrantBeyondOperations_IsRefused(t *testing.T) {
	key := constructs.NewDataKey(newStack(), "K", &constructs.DataKeyProps{
		Alias: "fields", Operations: []constructs.KeyOperation{constructs.Decrypt},
	})
	refused(t, func() { key.Allow(constructs.Decrypt, constructs.Encrypt) }, "Operations")
	refused(t, func() { key.AllowInContext("table", "users", constructs.Encrypt) }, "Operations")
	refused(t, func() { key.AllowInContext("a*", "", constructs.Decrypt) }, "name", "value")
	index := constructs.NewDataKey(newStack(), "K", &constructs.DataKeyProps{
		Alias: "index", Spec: constructs.HMAC256, Operations: []constructs.KeyOperation{constructs.GenerateMac},
	})
	refused(t, func() { index.AllowInContext("table", "users", constructs.GenerateMac) }, "Operations")
}

func TestAllowInContext_NamesTheContextInTheStatement(t *testing.T) {
	key := constructs.NewDataKey(newStack(), "FieldKey", &constructs.DataKeyProps{
		Alias: "fields", Operations: []constructs.KeyOperation{constructs.Decrypt},
	})
	grant := key.AllowInContext("table", "users", constructs.Decrypt)
	if len(grant) != 1 || grant[0].Sid != "FieldKeyUsers" {
		t.Fatalf("got %v", grant)
	}
	if got := fmt.Sprint(grant[0].Conditions); got != "map[StringEquals:map[kms:EncryptionContext:table:[users]]]" {
		t.Errorf("the conditions are %s", got)
	}
}

func TestAllowKey_GrantsByARN(t *testing.T) {
	arn := "arn:aws:kms:eu-west-2:111122223333:key/0d2e1f5c-1111-2222-3333-444455556666"
	key := awskms.Key_FromKeyArn(newStack(), jsii.String("Partner"), jsii.String(arn))
	grant := constructs.AllowKey(key, constructs.Encrypt)
	want := constructs.Grant{{Sid: "TestPartner", Actions: []string{"kms:Encrypt"}, Resources: []string{arn}}}
	if fmt.Sprint(grant) != fmt.Sprint(want) {
		t.Errorf("the grant is %v, want %v", grant, want)
	}
}

func TestDataKey_InvalidProps_AreRefused(t *testing.T) {
	dynamo := []constructs.KeyService{constructs.KeyServiceDynamoDB}
	mac := []constructs.KeyOperation{constructs.GenerateMac}
	cases := map[string]struct {
		props constructs.DataKeyProps
		wrong []string
	}{
		"no alias":           {constructs.DataKeyProps{Services: dynamo}, []string{"Alias"}},
		"alias with a colon": {constructs.DataKeyProps{Alias: "a:b", Services: dynamo}, []string{"Alias"}},
		"alias/ in front":    {constructs.DataKeyProps{Alias: "alias/a", Services: dynamo}, []string{"Alias"}},
		"alias of AWS":       {constructs.DataKeyProps{Alias: "aws/a", Services: dynamo}, []string{"Alias"}},
		"unknown spec":       {constructs.DataKeyProps{Alias: "a", Spec: "RSA", Services: dynamo, RotationDays: 90}, []string{"Spec"}},
		"unknown service":    {constructs.DataKeyProps{Alias: "a", Services: []constructs.KeyService{"ec2"}}, []string{"Services"}},
		"unknown operation":  {constructs.DataKeyProps{Alias: "a", Operations: mac}, []string{"Operations"}},
		"rotated too often":  {constructs.DataKeyProps{Alias: "a", Services: dynamo, RotationDays: 89}, []string{"RotationDays"}},
		"rotated too seldom": {constructs.DataKeyProps{Alias: "a", Services: dynamo, RotationDays: 2561}, []string{"RotationDays"}},
		"rotated HMAC":       {constructs.DataKeyProps{Alias: "a", Spec: constructs.HMAC256, Operations: mac, RotationDays: 365}, []string{"RotationDays"}},
		"HMAC for a service": {constructs.DataKeyProps{Alias: "a", Spec: constructs.HMAC256, Services: dynamo}, []string{"Services"}},
		"for nobody":         {constructs.DataKeyProps{Alias: "a"}, []string{"Services"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			refused(t, func() { constructs.NewDataKey(stack, name, &c.props) }, c.wrong...)
		})
	}
	refused(t, func() { constructs.NewDataKey(stack, "none", nil) }, "Alias", "Services")
}
