package policy_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

const withData = `{"Resources": {
	"Users": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "shop-users"}},
	"Key": {"Type": "AWS::KMS::Key", "Properties": {"Description": "d"}},
	"Topic": {"Type": "AWS::SNS::Topic"}}}`

func TestStatefulID_ChangedResource_IsFinding(t *testing.T) {
	cases := map[string]struct {
		committed string
		want      []string
	}{
		"as committed": {`{"S1/Key": "AWS::KMS::Key", "S1/Users": "AWS::DynamoDB::Table shop-users"}`, nil},
		"new":          {`{"S1/Key": "AWS::KMS::Key"}`, []string{"S1/Users: AWS::DynamoDB::Table shop-users is not in list.json"}},
		"renamed": {`{"S1/Key": "AWS::KMS::Key", "S1/Users": "AWS::DynamoDB::Table shop-people"}`,
			[]string{`S1/Users: was "AWS::DynamoDB::Table shop-people" and is "AWS::DynamoDB::Table shop-users"`}},
		"gone": {`{"S1/Key": "AWS::KMS::Key", "S1/Users": "AWS::DynamoDB::Table shop-users", "S1/Old": "AWS::S3::Bucket b"}`,
			[]string{"S1/Old: AWS::S3::Bucket b is gone, or has another logical id"}},
		"unreadable": {`{`, []string{"S1: the committed list cannot be read or written: FILE: unexpected end of JSON input"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "list.json")
			write(t, file, c.committed)
			got := found(t, written(t, "", withData), policy.StatefulID, policy.Props{StatefulFile: file})
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], file, "FILE")
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
}

func TestStatefulID_ReplacingProperty_IsFinding(t *testing.T) {
	const committed = `{"Resources": {
		"Users": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "users",
			"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}],
			"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
			"LocalSecondaryIndexes": [{"IndexName": "byTime", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]},
				"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]}]}},
		"Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}, "GenerateSecret": true, "ClientName": "backend"}},
		"Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "vault", "EncryptionKeyArn": "arn:key"}}}}`
	file := filepath.Join(t.TempDir(), "list.json")
	props := policy.Props{StatefulFile: file}
	t.Setenv(policy.UpdateVariable, "1")
	found(t, written(t, "", committed), policy.StatefulID, props)
	t.Setenv(policy.UpdateVariable, "")
	if got := found(t, written(t, "", committed), policy.StatefulID, props); got != nil {
		t.Fatalf("unchanged, found %q", got)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"partition key":   {`{"AttributeName": "id", "KeyType": "HASH"}],`, `{"AttributeName": "at", "KeyType": "HASH"}],`, `is "AWS::DynamoDB::Table users (at N HASH)`},
		"type of a key":   {`"AttributeType": "N"`, `"AttributeType": "S"`, `at S RANGE, INCLUDE, name)"`},
		"local index":     {`"IndexName": "byTime"`, `"IndexName": "byDate"`, ` byDate(id S HASH, at N RANGE, INCLUDE, name)"`},
		"its projection":  {`["name"]`, `["name", "age"]`, `INCLUDE, name, age)"`},
		"client's secret": {`"GenerateSecret": true`, `"GenerateSecret": false`, `is "AWS::Cognito::UserPoolClient GenerateSecret=false UserPoolId=`},
		"client's pool":   {`"Ref": "Pool"`, `"Ref": "Other"`, `Other`},
		"client's id":     {`"Client": {`, `"Backend": {`, `is gone, or has another logical id`},
		"vault's key":     {`"arn:key"`, `"arn:other"`, `EncryptionKeyArn=`},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(committed, c.old, c.new, 1)
			if got := found(t, written(t, "", changed), policy.StatefulID, props); len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), c.want) {
				t.Errorf("found %q, want %q", got, c.want)
			}
		})
	}
	harmless := strings.Replace(committed, `"ClientName": "backend"`, `"ClientName": "other"`, 1)
	if got := found(t, written(t, "", harmless), policy.StatefulID, props); got != nil {
		t.Errorf("a change in place is a finding: %q", got)
	}
}

func TestStatefulFile_UpdateVariable_WritesList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.json")
	props := policy.Props{StatefulFile: file}
	if got := found(t, written(t, "", withData), policy.StatefulID, props); len(got) != 2 {
		t.Errorf("without a list, found %q", got)
	}
	t.Setenv(policy.UpdateVariable, "1")
	if got := found(t, written(t, "", withData), policy.StatefulID, props); got != nil {
		t.Errorf("found %q while writing the list", got)
	}
	text, err := os.ReadFile(file)
	want := "{\n  \"S1/Key\": \"AWS::KMS::Key\",\n  \"S1/Users\": \"AWS::DynamoDB::Table shop-users\"\n}\n"
	if err != nil || string(text) != want {
		t.Errorf("the list is %q, %v", text, err)
	}
}
