package examples_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/local"
)

// Another team's plain CDK app is deployed first, and the warehouse app does not change
// it.
func TestWarehouse_ImportedResources_AreUsed(t *testing.T) {
	state := t.TempDir()
	platform := deployExampleTo(t, state, "platform")
	config := platform.AWSConfig(local.Region)
	if _, err := dynamodb.NewFromConfig(config).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("platform-stock"),
		Item: map[string]types.AttributeValue{
			"item": &types.AttributeValueMemberS{Value: "lamp"}, "count": &types.AttributeValueMemberN{Value: "3"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	warehouse := deployExampleTo(t, state, "warehouse")
	out, err := lambda.NewFromConfig(config).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("warehouse-count"), Qualifier: aws.String("live"), Payload: []byte(`{"item": "lamp"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct{ Count int }
	if err := json.Unmarshal(out.Payload, &answer); err != nil || answer.Count != 3 || out.FunctionError != nil {
		t.Errorf("answered %s, %v", out.Payload, err)
	}
	expectNothingDenied(t, warehouse)
	decisions, err := warehouse.AuthorizationLog()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(decisions, func(d local.Decision) bool {
		return d.Action == "dynamodb:GetItem" && d.Resource == "arn:aws:dynamodb:"+local.Region+":"+local.Account+":table/platform-stock"
	}) {
		t.Error("the function did not read the other team's table")
	}
}
