package lambdas_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// docs/domains/budgets.md says these numbers. The first call of each is the pipeline's.
// They are the same after a history of 20 months.
func TestBudgets_WarmRequests_MakeFewAWSCallsWhateverTheHistory(t *testing.T) {
	config, variables := newEngine(t)
	addPlanSettings(variables)
	calls := counted(&config)
	list, edit := handlerOf(t, budgets.List, config, variables), handlerOf(t, budgets.Edit, config, variables)
	create := handlerOf(t, transactions.Edit, config, variables)
	count := 0
	save := func() string {
		count++
		return edit("PUT /profile/budget-preferences", fmt.Sprintf(`{"monthlySpendingLimit":%d}`, count))
	}
	save()
	read := func(key string) func() string { return func() string { return list(key, "") } }
	check := func() {
		t.Helper()
		requests := []callCase{
			{"the preferences", read("GET /profile/budget-preferences"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem"}},
			{"the list", read("GET /budgets"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
			{"the alerts", read("GET /budgets/alerts"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
			{"a change", save, []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.PutItem"}},
		}
		warm(requests...)
		checkCalls(t, calls, requests...)
	}
	check()
	for month := range 20 {
		create("POST /transactions", fmt.Sprintf(`{"amount":5,"description":"Tea %d","category":"Groceries","type":"debit","date":"%s",
			"merchant":"Shop","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`,
			month, time.Now().UTC().AddDate(0, -month, 0).Format(time.RFC3339)))
	}
	check()
}
