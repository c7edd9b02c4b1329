package lambdas_test

import (
	"fmt"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// docs/transactions.md says these numbers. The first call of each is the pipeline's.
func TestTransactions_WarmRequests_MakeFewAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	calls := counted(&config)
	edit := handlerOf(t, transactions.Edit, config, variables)
	list := handlerOf(t, transactions.List, config, variables)
	summary := handlerOf(t, transactions.Summary, config, variables)
	create := func(n int) func() string {
		return func() string {
			return edit("POST /transactions", fmt.Sprintf(`{"amount":%d,"description":"Tea","category":"Groceries","type":"debit","date":"2026-%02d-01T00:00:00Z",
				"merchant":"Shop","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`, n, n))
		}
	}
	create(1)()
	list("GET /transactions", "")
	summary("GET /transactions/summary", "")
	checkCalls(t, calls, []callCase{
		{"a creation", create(2), []string{"DynamoDB.UpdateItem", "DynamoDB.PutItem", "DynamoDB.GetItem", "DynamoDB.TransactWriteItems"}},
		{"a list", func() string { return list("GET /transactions", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
		{"a summary", func() string { return summary("GET /transactions/summary", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.Query"}},
		{"expenses by category", func() string { return summary("GET /expenses/categories", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.Query"}},
	}...)
}
