package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
)

// firstTemplate has a secret and a table as the core stack has them, and a resource that
// fails because its name is taken.
const firstTemplate = `{"Resources": {
	"Secret": {"Type": "AWS::SecretsManager::Secret", "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
		"Properties": {"Name": "first/secret"}},
	"Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
		"TableName": "first-users", "DeletionProtectionEnabled": true, "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}},
	"Failing": {"Type": "AWS::DynamoDB::Table", "DependsOn": ["Secret", "Table"], "DeletionPolicy": "RetainExceptOnCreate", "Properties": {
		"TableName": "first-users", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}}}}`

// The steps are those of docs/runbooks/first-deployment.md.
func TestFirstDeployment_Failed_RunbookMakesNextSucceed(t *testing.T) {
	config := bareStage(t).AWSConfig(local.Region)
	stacks, tables := cloudformation.NewFromConfig(config), dynamodb.NewFromConfig(config)
	failed := tryStack(t, "first", firstTemplate)
	if failed.StackStatus != cfntypes.StackStatusRollbackComplete {
		t.Fatalf("the stack is %s: %s", failed.StackStatus, aws.ToString(failed.StackStatusReason))
	}
	secret, err := secretsmanager.NewFromConfig(config).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("first/secret")})
	if err == nil && secret.DeletedDate == nil {
		t.Error("the secret stayed")
	}
	name := aws.String("first-users")
	left, err := tables.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: name})
	if err != nil {
		t.Fatalf("the protected table is gone: %v", err)
	}
	if created := aws.ToTime(left.Table.CreationDateTime); created.Before(aws.ToTime(failed.CreationTime).Truncate(time.Second)) || aws.ToInt64(left.Table.ItemCount) != 0 {
		t.Errorf("the table was created at %s, the stack at %s; it has %d items", created, failed.CreationTime, aws.ToInt64(left.Table.ItemCount))
	}
	before, _, _ := strings.Cut(firstTemplate, `,
	"Failing"`)
	repaired := before + "}}"
	if early := tryStack(t, "first-early", repaired); early.StackStatus != cfntypes.StackStatusRollbackComplete {
		t.Errorf("beside the table that stayed, the next deployment is %s", early.StackStatus)
	}
	if _, err := tables.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	if _, err := tables.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("first")}); err != nil {
		t.Fatal(err)
	}
	deployTemplate(t, "first-again", repaired)
}
