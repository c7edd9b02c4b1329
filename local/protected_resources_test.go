package local_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/local"
)

func TestStacks_ExistingAndProtectedResources_AreLeftAlone(t *testing.T) {
	config := bareStage(t).AWSConfig(local.Region)
	stacks, tables := cloudformation.NewFromConfig(config), dynamodb.NewFromConfig(config)
	pools := cognitoidentityprovider.NewFromConfig(config)
	stack := deployStack(t, "protected")
	write(t, "protected", "kept")
	if code, _ := callAs(t, "protected-caller", "s3", "put_object", `{"Bucket":"protected-bucket","Key":"a","Body":"a"}`); code != "" {
		t.Fatal(code)
	}

	again := tryStack(t, "second", `{"Resources":{"Table":{"Type":"AWS::DynamoDB::Table","Properties":{"TableName":"protected",
		"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
		"BillingMode":"PAY_PER_REQUEST"}}}}`)
	if again.StackStatus != cfntypes.StackStatusRollbackComplete {
		t.Errorf("a second stack with the table is %s", again.StackStatus)
	}

	if _, err := pools.DeleteUserPool(t.Context(), &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: aws.String(stack["Pool"])}); err == nil {
		t.Error("DeleteUserPool deleted the protected pool")
	}
	if _, err := stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("protected")}); err != nil {
		t.Fatal(err)
	}
	if got := awaitStack(t, stacks, "protected").StackStatus; got != cfntypes.StackStatusDeleteFailed {
		t.Fatalf("the deleted stack is %s", got)
	}
	left, err := stacks.DescribeStackResources(t.Context(), &cloudformation.DescribeStackResourcesInput{StackName: aws.String("protected")})
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]string{}
	for _, r := range left.StackResources {
		if r.ResourceStatus == cfntypes.ResourceStatusDeleteFailed {
			failed[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.ResourceStatusReason)
		}
	}
	if got := slices.Sorted(maps.Keys(failed)); strings.Join(got, " ") != "Bucket Pool Table" {
		t.Errorf("not deleted: %v", failed)
	}
	got, err := tables.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("protected"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "kept"}},
	})
	if err != nil || got.Item == nil {
		t.Errorf("the item is gone: %v", err)
	}
}
