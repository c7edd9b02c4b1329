package lambdas_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/achievements"
	"github.com/expenzez/infrastructure/lambdas/insights"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// addPremium gives the user of the requests the premium plan.
func addPremium(t *testing.T, config aws.Config, variables map[string]string) {
	t.Helper()
	name := variables[tables.Entitlements.Variable()]
	if _, err := dynamodb.NewFromConfig(config).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: map[string]types.AttributeValue{
		"userId": &types.AttributeValueMemberS{Value: "user-1"}, "plan": &types.AttributeValueMemberS{Value: string(tables.Premium)},
		"checkedAt": &types.AttributeValueMemberN{Value: fmt.Sprint(time.Now().UnixMilli())},
	}}); err != nil {
		t.Fatal(err)
	}
}

// The pages of achievements and insights in docs/domains say these numbers. The first call
// of each is the pipeline's. They are the same after a history of 20 months. Only a month
// with an unusual transaction has the analytics read more.
func TestInsights_WarmRequests_MakeFewAWSCallsWhateverTheHistory(t *testing.T) {
	config, variables := newEngine(t)
	addPlanSettings(variables)
	addPremium(t, config, variables)
	calls := counted(&config)
	listed, saved := handlerOf(t, achievements.List, config, variables), handlerOf(t, insights.Savings, config, variables)
	analysed, create := handlerOf(t, insights.Analytics, config, variables), handlerOf(t, transactions.Edit, config, variables)
	check := func(more ...string) {
		t.Helper()
		requests := []callCase{
			{"achievements", func() string { return listed("GET /achievements", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.Query", "DynamoDB.Query"}},
			{"savings", func() string { return saved("GET /insights/savings-opportunities", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.Query"}},
			{"analytics", func() string { return analysed("GET /analytics/advanced", "") }, append([]string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}, more...)},
		}
		warm(requests...)
		checkCalls(t, calls, requests...)
	}
	spend := func(months, pounds int) {
		create("POST /transactions", fmt.Sprintf(`{"amount":%d,"description":"Tea %d","category":"Groceries","type":"debit","date":"%s",
			"merchant":"Shop","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`,
			pounds, pounds, time.Now().UTC().AddDate(0, -months, -time.Now().UTC().Day()+2).Format(time.RFC3339)))
	}
	check()
	for months := range 20 {
		spend(months, 5)
	}
	check()
	spend(0, 8)
	check("DynamoDB.Query", "DynamoDB.GetItem") // its rows and the user's key
}
