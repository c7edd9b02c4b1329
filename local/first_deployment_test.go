package local_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognitotypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/expenzez/infrastructure/local"
)

// firstTemplate has a secret, a table and a user pool as the core stack has them, and a
// resource that fails because its name is taken.
const firstTemplate = `{"Resources": {
	"Secret": {"Type": "AWS::SecretsManager::Secret", "DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
		"Properties": {"Name": "first/secret"}},
	"Table": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
		"TableName": "first-users", "DeletionProtectionEnabled": true, "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}},
	"Pool": {"Type": "AWS::Cognito::UserPool", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
		"UserPoolName": "first-users", "DeletionProtection": "ACTIVE"}},
	"Failing": {"Type": "AWS::DynamoDB::Table", "DependsOn": ["Secret", "Table", "Pool"], "DeletionPolicy": "RetainExceptOnCreate", "Properties": {
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
	deleteFirstPool(t, cognito.NewFromConfig(config))
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

// deleteFirstPool deletes the user pool that stayed, as the runbook does.
func deleteFirstPool(t *testing.T, pools *cognito.Client) {
	t.Helper()
	left := firstPools(t, pools)
	if len(left) != 1 {
		t.Fatalf("%d user pools of the stack stayed", len(left))
	}
	users, err := pools.ListUsers(t.Context(), &cognito.ListUsersInput{UserPoolId: left[0].Id, Limit: aws.Int32(1)})
	if err != nil || len(users.Users) != 0 {
		t.Fatalf("the pool has %v, %v", users, err)
	}
	if _, err := pools.DeleteUserPool(t.Context(), &cognito.DeleteUserPoolInput{UserPoolId: left[0].Id}); err == nil {
		t.Error("the pool had no deletion protection")
	}
	if _, err := pools.UpdateUserPool(t.Context(), &cognito.UpdateUserPoolInput{
		UserPoolId: left[0].Id, DeletionProtection: cognitotypes.DeletionProtectionTypeInactive,
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := pools.DeleteUserPool(t.Context(), &cognito.DeleteUserPoolInput{UserPoolId: left[0].Id}); err != nil {
		t.Fatal(err)
	}
	if left := firstPools(t, pools); len(left) != 0 {
		t.Errorf("%d user pools are left", len(left))
	}
}

func firstPools(t *testing.T, pools *cognito.Client) (found []cognitotypes.UserPoolDescriptionType) {
	t.Helper()
	all, err := pools.ListUserPools(t.Context(), &cognito.ListUserPoolsInput{MaxResults: aws.Int32(60)})
	if err != nil {
		t.Fatal(err)
	}
	for _, pool := range all.UserPools {
		if aws.ToString(pool.Name) == "first-users" {
			found = append(found, pool)
		}
	}
	return found
}
