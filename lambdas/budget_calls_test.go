package lambdas_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/expenzez/infrastructure/lambdas/budgets"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/transactions"
)

// docs/domains/budgets.md says these numbers. The first call of each is the pipeline's.
// They are the same after a history of 20 months.
func TestBudgets_WarmRequests_MakeFewAWSCallsWhateverTheHistory(t *testing.T) {
	config, variables := newEngine(t)
	for _, setting := range []function.Setting{function.RevenueCatProject, function.RevenueCatEntitlement} {
		variables[setting.Variable()] = "test"
	}
	variables[secrets.RevenueCat.Variable()] = "arn:aws:secretsmanager:eu-west-2:1:secret:revenuecat"
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
		for _, request := range []struct {
			name string
			send func() string
			want []string
		}{
			{"the preferences", read("GET /profile/budget-preferences"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem"}},
			{"the list", read("GET /budgets"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
			{"the alerts", read("GET /budgets/alerts"), []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
			{"a change", save, []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.PutItem"}},
		} {
			request.send()
			time.Sleep(time.Millisecond)
			*calls = nil
			request.send()
			slices.Sort(*calls) // some are sent at the same time
			slices.Sort(request.want)
			if !slices.Equal(*calls, request.want) {
				t.Errorf("%s called %v", request.name, *calls)
			}
			time.Sleep(time.Millisecond)
		}
	}
	check()
	for month := range 20 {
		create("POST /transactions", fmt.Sprintf(`{"amount":5,"description":"Tea %d","category":"Groceries","type":"debit","date":"%s",
			"merchant":"Shop","currency":"GBP","accountId":"manual","bankName":"Manual Entry","accountType":"Manual Account"}`,
			month, time.Now().UTC().AddDate(0, -month, 0).Format(time.RFC3339)))
	}
	check()
}
