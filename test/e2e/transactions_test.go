package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// transactionForm is what the screen of manual transactions sends. July begins in London
// an hour before it begins in UTC.
func transactionForm(description string, amount float64) map[string]any {
	kind := "debit"
	if amount > 0 {
		kind = "credit"
	}
	return map[string]any{
		"amount": amount, "originalAmount": max(amount, -amount), "description": description, "category": "Food & Dining", "type": kind,
		"date": "2026-06-30T23:00:00.000Z", "merchant": "Corner shop", "currency": "GBP", "accountId": "manual", "bankName": "Manual Entry", "accountType": "Manual Account",
	}
}

func (s signedIn) createTransaction(t *testing.T, description string, amount float64) string {
	t.Helper()
	got := call(t, "POST", "/transactions", s.token, transactionForm(description, amount))
	got.is(t, http.StatusOK, "", "")
	made, _ := got.body["transaction"].(map[string]any)
	id, _ := made["id"].(string)
	return id
}

// transactionsIn returns the transactions of a list, and their descriptions.
func (s signedIn) transactionsIn(t *testing.T, query string) (rows []map[string]any, descriptions []string) {
	t.Helper()
	got := call(t, "GET", "/transactions"+query, s.token, nil)
	got.is(t, http.StatusOK, "", "")
	listed, _ := got.body["transactions"].([]any)
	for _, one := range listed {
		row, _ := one.(map[string]any)
		description, _ := row["description"].(string)
		rows, descriptions = append(rows, row), append(descriptions, description)
	}
	return rows, descriptions
}

// balance returns the summary of the caller.
func (s signedIn) balance(t *testing.T) map[string]any {
	t.Helper()
	got := call(t, "GET", "/transactions/summary", s.token, nil)
	got.is(t, http.StatusOK, "", "")
	summary, _ := got.body["summary"].(map[string]any)
	return summary
}

// transactionLifecycle creates, edits and deletes transactions in the app's forms. Each
// list and each total after a write shows the write.
func transactionLifecycle(t *testing.T) {
	ruth := newSignedInUser(t, "transactions.ruth")
	coffee := ruth.createTransaction(t, "Coffee at Marks & Spencer <3", -3.5)
	if repeated := ruth.createTransaction(t, "Coffee at Marks & Spencer <3", -3.5); repeated != coffee {
		t.Error("a second tap makes a second transaction")
	}
	salary := ruth.createTransaction(t, "Wages", 1000)
	rows, _ := ruth.transactionsIn(t, "?limit=1800&startDate=2026-07-01&endDate=2026-07-31")
	if len(rows) != 2 || rows[0]["category"] != "food" || !strings.HasPrefix(fmt.Sprint(rows[0]["date"]), "2026-07-01") {
		t.Errorf("the list is %v", rows)
	}
	if none, _ := ruth.transactionsIn(t, "?limit=50&endDate=2026-06-30"); len(none) != 0 {
		t.Errorf("June has %v", none)
	}
	edit := transactionForm("Coffee and cake", 7.25)
	edit["type"], edit["category"], edit["excludeFromSpend"], edit["date"] = "debit", "Transportation", false, "2026-08-31T23:00:00.000Z"
	for _, field := range []string{"currency", "accountId", "bankName", "accountType"} {
		delete(edit, field)
	}
	call(t, "PUT", "/transactions/"+coffee, ruth.token, edit).is(t, http.StatusOK, "", "")
	one := call(t, "GET", "/transactions/"+coffee, ruth.token, nil)
	one.is(t, http.StatusOK, "", "")
	if row, _ := one.body["transaction"].(map[string]any); row["amount"] != -7.25 || row["category"] != "transport" || row["excludeFromSpend"] != nil {
		t.Errorf("edited to %s", one.text)
	}
	if got := ruth.balance(t); got["balance"] != 992.75 || fmt.Sprint(got["monthsWithData"]) != "[2026-09 2026-07]" || got["lastTransactionDate"] != "2026-09-01" {
		t.Errorf("the summary is %v", got)
	}
	refreshed := call(t, "POST", "/transactions/refresh-balance", ruth.token, nil)
	refreshed.is(t, http.StatusOK, "", "")
	if refreshed.body["balance"] != 992.75 || refreshed.body["transactionCount"] != 2.0 {
		t.Errorf("refreshed to %s", refreshed.text)
	}
	pagedTransactions(t, ruth)
	othersTransaction(t, ruth, coffee)
	call(t, "DELETE", "/transactions/"+salary, ruth.token, nil).isDone(t)
	if got := ruth.balance(t); got["balance"] != -7.25 || got["transactionCount"] != 1.0 {
		t.Errorf("the summary is %v", got)
	}
	refusedTransactions(t, ruth)
}

// pagedTransactions reads a list page by page. A cursor is good for its list only.
func pagedTransactions(t *testing.T, ruth signedIn) {
	t.Helper()
	first := call(t, "GET", "/transactions?limit=1", ruth.token, nil)
	key, _ := first.body["nextKey"].(string)
	if _, rest := ruth.transactionsIn(t, "?limit=1&startKey="+url.QueryEscape(key)); !slices.Equal(rest, []string{"Wages"}) {
		t.Errorf("the second page is %v", rest)
	}
	got := call(t, "GET", "/transactions?limit=1&type=credit&startKey="+url.QueryEscape(key), ruth.token, nil)
	got.is(t, http.StatusUnprocessableEntity, "", "")
}

// refusedTransactions are refused with a message that the app can show.
func refusedTransactions(t *testing.T, ruth signedIn) {
	t.Helper()
	other := transactionForm("Tea", -1)
	other["currency"] = "EUR"
	for _, refused := range []answer{
		call(t, "POST", "/transactions", ruth.token, other),
		call(t, "PUT", "/transactions/none", ruth.token, map[string]any{"type": "refund"}),
		call(t, "GET", "/transactions?startDate=yesterday", ruth.token, nil),
		call(t, "POST", "/expenses", ruth.token, map[string]any{"amount": 0, "category": "dining", "date": "2026-07-01T00:00:00Z"}),
		call(t, "PUT", "/expenses/none", ruth.token, map[string]any{"amount": 1, "category": "casino", "date": "2026-07-01T00:00:00Z"}),
	} {
		if refused.status != http.StatusUnprocessableEntity || refused.body["message"] == "" || refused.body["error"] != nil {
			t.Errorf("answered %d %s", refused.status, refused.text)
		}
	}
}

// othersTransaction has another user try everything with a transaction: it is answered
// like one that does not exist.
func othersTransaction(t *testing.T, owner signedIn, id string) {
	t.Helper()
	eve := newSignedInUser(t, "transactions.eve")
	before := owner.balance(t)
	for _, id := range []string{id, "none"} {
		call(t, "GET", "/transactions/"+id, eve.token, nil).isNested(t, http.StatusNotFound, "TRANSACTION_NOT_FOUND")
		call(t, "PUT", "/transactions/"+id, eve.token, map[string]any{"amount": 1}).isNested(t, http.StatusNotFound, "TRANSACTION_NOT_FOUND")
		call(t, "DELETE", "/transactions/"+id, eve.token, nil).isNested(t, http.StatusNotFound, "TRANSACTION_NOT_FOUND")
	}
	if rows, _ := eve.transactionsIn(t, "?limit=50"); len(rows) != 0 || fmt.Sprint(owner.balance(t)) != fmt.Sprint(before) {
		t.Errorf("another user sees %v", rows)
	}
}

// expenseLifecycle uses the legacy forms. An expense is a transaction too.
func expenseLifecycle(t *testing.T) {
	joan := newSignedInUser(t, "expenses.joan")
	form := map[string]any{"amount": 12.5, "category": "dining", "description": "Lunch", "date": "2026-06-30T23:00:00.000Z", "isRecurring": false}
	made := call(t, "POST", "/expenses", joan.token, form)
	made.is(t, http.StatusOK, "", "")
	expense, _ := made.body["expense"].(map[string]any)
	path := "/expenses/" + fmt.Sprint(expense["id"])
	form["amount"] = 20
	call(t, "PUT", path, joan.token, form).isDone(t)
	if got := call(t, "GET", path, joan.token, nil); got.body["amount"] != 20.0 || got.body["category"] != "dining" {
		t.Errorf("the expense is %s", got.text)
	}
	listed := call(t, "GET", "/expenses?limit=10&startDate=2026-06-30T23:00:00.000Z", joan.token, nil)
	listed.is(t, http.StatusOK, "", "")
	if listed.body["totalAmount"] != 20.0 {
		t.Errorf("the expenses are %s", listed.text)
	}
	spending := call(t, "GET", "/expenses/categories", joan.token, nil)
	spending.is(t, http.StatusOK, "", "")
	if spending.body["totalAmount"] != 20.0 {
		t.Errorf("the spending is %s", spending.text)
	}
	if rows, _ := joan.transactionsIn(t, "?limit=50"); len(rows) != 1 || rows[0]["amount"] != -20.0 {
		t.Errorf("the transactions are %v", rows)
	}
	call(t, "DELETE", path, joan.token, nil).isDone(t)
	for _, method := range []string{"GET", "DELETE"} {
		call(t, method, path, joan.token, nil).isNested(t, http.StatusNotFound, "EXPENSE_NOT_FOUND")
	}
	call(t, "PUT", path, joan.token, form).isNested(t, http.StatusNotFound, "EXPENSE_NOT_FOUND")
}

// figuresOfTransactions follows the runbook after figures were changed in another way than
// by transactions, and waits for the achievement that follows from a transaction.
func figuresOfTransactions(t *testing.T) {
	lili := newSignedInUser(t, "figures.lili")
	lili.createTransaction(t, "Bread", -2)
	eventually(t, "the first transaction is an achievement", func() bool {
		return len(storedOf(t, tables.Achievements, lili.id)) == 1
	})
	plantFigure(t, lili.id, "2026-07", "spend", "99")
	plantFigure(t, lili.id, "1999-01", "spend", "1")
	repair := func(correct string) string {
		var compact bytes.Buffer
		if err := json.Compact(&compact, runCommand(t, "transactions.md", strings.NewReplacer("STAGE", "local", "USER", lili.id, "CORRECT", correct))); err != nil {
			t.Fatal(err)
		}
		return compact.String()
	}
	const differences = `{"differences":[{"month":"1999-01","figure":"spend","kept":1,"counted":0},{"month":"2026-07","figure":"spend","kept":99,"counted":2}],"corrected":`
	if got := repair("false"); got != differences+"false}" {
		t.Errorf("compared: %s", got)
	}
	if got := repair("true"); got != differences+"true}" {
		t.Errorf("corrected: %s", got)
	}
	if got := repair("false"); got != `{"differences":[],"corrected":false}` {
		t.Errorf("afterwards: %s", got)
	}
}

// plantFigure sets a figure of a month, as nothing but an accident does. The time of the
// write is in a minute.
func plantFigure(t *testing.T, userID, month, figure, value string) {
	t.Helper()
	setAttributes(t, tables.TransactionFigures, map[string]types.AttributeValue{
		"userId": &types.AttributeValueMemberS{Value: userID}, "month": &types.AttributeValueMemberS{Value: month},
	}, map[string]types.AttributeValue{figure: &types.AttributeValueMemberN{Value: value}})
}

// setAttributes changes a stored item past the backend, and dates the write a minute
// ahead, so that an erasure takes it for one of after its request.
func setAttributes(t *testing.T, table *tables.Table, key, values map[string]types.AttributeValue) {
	t.Helper()
	set, names, filled := "SET #at = :at", map[string]string{"#at": "writtenAt"}, map[string]types.AttributeValue{
		":at": &types.AttributeValueMemberN{Value: fmt.Sprint(time.Now().Add(time.Minute).UnixMilli())},
	}
	for name, value := range values {
		set += ", #" + name + " = :" + name
		names["#"+name], filled[":"+name] = name, value
	}
	_, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: aws.String(physicalName(t, table.Name)), Key: key, UpdateExpression: &set, ExpressionAttributeNames: names, ExpressionAttributeValues: filled,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// erasedTransactions erases the data of a user who entered a transaction of the same month
// right after the request: it stays, and the figures count it alone.
func erasedTransactions(t *testing.T) {
	hertha := newSignedInUser(t, "erased.hertha")
	hertha.createTransaction(t, "Before", -5)
	may := transactionForm("In another month", -3)
	may["date"] = "2026-05-10T12:00:00.000Z"
	call(t, "POST", "/transactions", hertha.token, may).is(t, http.StatusOK, "", "")
	after := hertha.createTransaction(t, "After", -7)
	setAttributes(t, tables.Transactions, map[string]types.AttributeValue{
		"userId": &types.AttributeValueMemberS{Value: hertha.id}, "transactionId": &types.AttributeValueMemberS{Value: after},
	}, nil)
	plantFigure(t, hertha.id, "2026-07", "spend", "12")
	eventually(t, "the first transaction is an achievement", func() bool {
		return len(storedOf(t, tables.Achievements, hertha.id)) == 1
	})
	plantImport(t, hertha.id)
	hertha.plantBill(t)
	erased := call(t, "DELETE", "/user/data", hertha.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	if erased.body["rowsDeleted"] != 9.0 { // two transactions, the figures of May, the achievement, a rule, a part of an import, a statement, a bill and a choice
		t.Errorf("erased %s", erased.text)
	}
	finishErasure(t, hertha.id)
	if left := storedOf(t, tables.Bills, hertha.id); len(left) != 0 {
		t.Errorf("left of the bills is %v", left)
	}
	if got := hertha.balance(t); got["balance"] != -7.0 || got["transactionCount"] != 1.0 {
		t.Errorf("the summary is %v", got)
	}
	if _, left := hertha.transactionsIn(t, "?limit=50"); !slices.Equal(left, []string{"After"}) {
		t.Errorf("left are %v", left)
	}
}
