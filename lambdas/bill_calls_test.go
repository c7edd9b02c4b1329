package lambdas_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/bills"
)

// docs/domains/bills.md says these numbers. The first call of each is the pipeline's.
func TestBills_WarmRequests_MakeFewAWSCalls(t *testing.T) {
	config, variables := newEngine(t)
	calls := counted(&config)
	edit := handlerOf(t, bills.Edit, config, variables)
	list := handlerOf(t, bills.List, config, variables)
	const found = `{"bills":[{"id":"bill_gym_monthly","name":"Gym","merchant":"Gym","amount":25,"frequency":"monthly","category":"Health","nextDueDate":"2026-07-05","status":"active",
		"transactions":[{"id":"a","amount":-25,"date":"2026-05-05"},{"id":"b","amount":-25,"date":"2026-06-05"}]}]}`
	var many []string
	for i := range 20 {
		many = append(many, fmt.Sprintf(`{"id":"%d","name":"Shop","merchant":"Shop %c","amount":25,"frequency":"monthly","category":"Health","nextDueDate":"2026-07-05","status":"active",
			"transactions":[{"id":"a","amount":-25,"date":"2026-05-05"},{"id":"b","amount":-25,"date":"2026-06-05"}]}`, i, 'a'+i))
	}
	const paid = `{"action":"paid","billId":"bill_gym_monthly","isPaid":true}`
	edit("POST /bills/detected", found)
	edit("PUT /bills/preferences", paid)
	list("GET /bills/detected", "")
	checkCalls(t, calls, []callCase{
		{"bills", func() string { return list("GET /bills/detected", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
		{"preferences", func() string { return list("GET /bills/preferences", "") }, []string{"DynamoDB.UpdateItem", "DynamoDB.GetItem", "DynamoDB.Query"}},
	}...)
	for _, request := range []struct {
		name string
		most int
		send func() string
	}{
		{"a save", 6, func() string { return edit("POST /bills/detected", `{"bills":[`+strings.Join(many, ",")+`]}`) }},
		{"a mark", 7, func() string { return edit("PUT /bills/preferences", paid) }},
	} {
		*calls = nil
		request.send()
		if len(*calls) > request.most {
			t.Errorf("%s called %v", request.name, *calls)
		}
	}
}
