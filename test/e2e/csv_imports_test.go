package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
	"github.com/expenzez/infrastructure/local/webacl/sampletexts"
)

// csvImports imports files as the app does, changes what it imported, and imports more.
func csvImports(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"POST", "/transactions/import-csv"}, {"POST", "/transactions/bulk-categorize"}, {"POST", "/transactions/bulk-exclude"},
		{"GET", "/transactions/similar?merchant=a&newCategory=b"},
	} {
		call(t, operation.method, operation.path, "", map[string]any{}).is(t, http.StatusUnauthorized, "", "")
	}
	mary, eve := newSignedInUser(t, "imports.mary"), newSignedInUser(t, "imports.eve")
	july := csvFile("monzo", csvRow("2026-06-30T23:00:00.000Z", -3.5, "ACME COFFEE 3127"), csvRow("2026-06-30T23:00:00.000Z", -3.5, "ACME COFFEE 3127"),
		csvRow("2026-07-02T00:00:00.000Z", -20, "Marks & Spencer"), csvRow("2026-07-02T00:00:00.000Z", 0, "CARD CHECK"))
	importsAs(t, mary, july, 3, 1, 0)
	importsAs(t, mary, july, 0, 1, 3)
	showsImports(t, mary.token, "FREE", 1, 3)
	if days := attributesOf(t, mary, "day"); fmt.Sprint(days) != "map[2026-07-01:2 2026-07-02:1]" {
		t.Errorf("the days are %v", days)
	}
	bulkChanges(t, mary, eve)
	importsAs(t, mary, csvFile("monzo", csvRow("2026-07-09T00:00:00.000Z", -3.5, "SQ *ACME COFFEE LTD")), 1, 0, 0)
	if found := attributesOf(t, mary, "category"); found["home"] != 3 {
		t.Errorf("the categories are %v", found)
	}
	taught := call(t, "POST", "/transactions", mary.token, map[string]any{
		"amount": -2, "description": "Tea", "category": "Other", "type": "debit", "date": "2026-07-10T00:00:00.000Z", "merchant": "Acme Coffee", "currency": "GBP",
		"accountId": "manual", "bankName": "Manual Entry", "accountType": "Manual Account",
	})
	if made, _ := taught.body["transaction"].(map[string]any); taught.status != http.StatusOK || made["category"] != "Home" {
		t.Errorf("answered %s", taught.text)
	}
	importsAs(t, mary, csvFile("natwest", csvRow("2026-07-09T00:00:00.000Z", -75, "To A/C 12345678 Via Mobile Xfer")), 1, 0, 0)
	importsAs(t, mary, csvFile("monzo", csvRow("2026-07-10T00:00:00.000Z", 75, "M SOMERVILLE")), 1, 0, 0)
	if legs := attributesOf(t, mary, "transferId"); len(legs) != 2 {
		t.Errorf("the linked legs are %v", legs)
	}
	call(t, "POST", "/transactions/import-csv", mary.token, csvFile("monzo")).is(t, http.StatusUnprocessableEntity, "", "")

	takeImports(t, eve.id, 4)
	refused := call(t, "POST", "/transactions/import-csv", eve.token, july)
	refused.is(t, http.StatusUnprocessableEntity, "", "")
	if refused.body["code"] != "IMPORT_LIMIT_REACHED" || refused.body["error"] != nil || refused.body["message"] == "" {
		t.Errorf("answered %s", refused.text)
	}
	textsOfRows(t, newSignedInUser(t, "ada.texts"))
}

// bulkChanges gives similar transactions a category and leaves them out of spending.
// Another user can do neither.
func bulkChanges(t *testing.T, owner, stranger signedIn) {
	t.Helper()
	similar := call(t, "GET", "/transactions/similar?merchant="+url.QueryEscape("PAYPAL *ACME COFFEE")+"&newCategory=Home", owner.token, nil)
	similar.is(t, http.StatusOK, "", "")
	rows, _ := similar.body["transactions"].([]any)
	if similar.body["count"] != float64(2) || len(rows) != 2 {
		t.Fatalf("answered %s", similar.text)
	}
	var ids []any
	for _, row := range rows {
		ids = append(ids, row.(map[string]any)["id"])
	}
	for _, one := range []struct {
		user            signedIn
		updated, failed float64
	}{{stranger, 0, 2}, {owner, 2, 0}} {
		for path, body := range map[string]map[string]any{
			"/transactions/bulk-categorize": {"transactionIds": ids, "category": "Home"},
			"/transactions/bulk-exclude":    {"transactionIds": ids, "excludeFromSpend": true, "merchant": "ACME COFFEE"},
		} {
			got := call(t, "POST", path, one.user.token, body)
			got.is(t, http.StatusOK, "", "")
			if got.body["updated"] != one.updated || got.body["failed"] != one.failed {
				t.Errorf("%s answered %s", path, got.text)
			}
		}
	}
	call(t, "POST", "/transactions/bulk-categorize", owner.token, map[string]any{"category": "Home"}).is(t, http.StatusUnprocessableEntity, "", "")
	call(t, "POST", "/transactions/bulk-exclude", owner.token, map[string]any{"transactionIds": ids}).is(t, http.StatusUnprocessableEntity, "", "")
	call(t, "GET", "/transactions/similar?merchant=x", owner.token, nil).is(t, http.StatusUnprocessableEntity, "", "")
}

// textsOfRows imports texts that look like attacks to careless rules.
func textsOfRows(t *testing.T, user signedIn) {
	t.Helper()
	honest := sampletexts.Honest()
	var rows []any
	for _, text := range honest {
		rows = append(rows, csvRow("2026-07-01T00:00:00.000Z", -1, text))
	}
	importsAs(t, user, csvFile("generic", rows...), len(honest), 0, 0)
	if strings.Contains(fmt.Sprint(storedOf(t, tables.Transactions, user.id)), honest[0]) {
		t.Error("a text is stored in clear")
	}
}

// largeImport imports ten thousand rows, which one partition of DynamoDB does not take
// within a request. The rest appears afterwards, and a second import finds all of it.
func largeImport(t *testing.T) {
	const count = 10_000
	user := newSignedInUser(t, "grace.large")
	var rows []any
	for i := range count {
		day := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/6)
		rows = append(rows, csvRow(day.Format("2006-01-02T15:04:05.000Z"), -float64(1+i%97), fmt.Sprintf("CARD PAYMENT TO SHOP NUMBER %s ON %s", strings.Repeat("A", 1+i%7), day.Format("02 Jan"))))
	}
	for i, amount := range []float64{-5000, 5000} { // both legs of a transfer
		rows[i] = csvRow("2022-01-01T00:00:00.000Z", amount, "To A/C 12345678 Via Mobile Xfer")
	}
	begin := time.Now()
	got := call(t, "POST", "/transactions/import-csv", user.token, csvFile("santander", rows...))
	answered := time.Since(begin)
	got.is(t, http.StatusOK, "", "")
	summary, _ := got.body["summary"].(map[string]any)
	if summary["imported"] != float64(count) || summary["failed"] != float64(0) || summary["duplicatesSkipped"] != float64(0) || answered > 29*time.Second {
		t.Fatalf("after %v: %s", answered, got.text)
	}
	stored := 0
	for stored < count && time.Since(begin) < 8*time.Minute {
		time.Sleep(2 * time.Second)
		stored = countOf(t, tables.Transactions, user.id)
	}
	t.Logf("10,000 rows: answered after %v, %v of them pending, all stored after %v", answered.Round(100*time.Millisecond), summary["pending"], time.Since(begin).Round(time.Second))
	if stored != count {
		t.Fatalf("%d rows are stored", stored)
	}
	importsAs(t, user, csvFile("santander", rows...), 0, 0, count)
}

func csvRow(date string, amount float64, text string) any {
	kind := "credit"
	if amount < 0 {
		kind = "debit"
	}
	return map[string]any{
		"id": "csv_1", "date": date, "description": text, "merchant": text, "amount": amount, "originalAmount": amount, "category": "other", "type": kind,
	}
}

func csvFile(bank string, rows ...any) map[string]any {
	if rows == nil {
		rows = []any{}
	}
	return map[string]any{"transactions": rows, "bank": map[string]any{"id": bank, "name": "Bank"}}
}

// importsAs fails the test unless the file is imported with these numbers.
func importsAs(t *testing.T, user signedIn, file map[string]any, imported, failed, duplicates int) {
	t.Helper()
	got := call(t, "POST", "/transactions/import-csv", user.token, file)
	got.is(t, http.StatusOK, "", "")
	summary, _ := got.body["summary"].(map[string]any)
	if summary["imported"] != float64(imported) || summary["failed"] != float64(failed) || summary["duplicatesSkipped"] != float64(duplicates) {
		t.Errorf("answered %s, want %d imported, %d failed, %d duplicates", got.text, imported, failed, duplicates)
	}
}

// attributesOf counts the values of an attribute of a user's transactions.
func attributesOf(t *testing.T, user signedIn, attribute string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, item := range storedOf(t, tables.Transactions, user.id) {
		if value, is := item[attribute].(string); is {
			found[value]++
		}
	}
	return found
}

// countOf counts the items that a table has of a user.
func countOf(t *testing.T, table *tables.Table, userID string) (count int) {
	t.Helper()
	pages := dynamodb.NewQueryPaginator(dynamodb.NewFromConfig(stage.AWSConfig(local.Region)), &dynamodb.QueryInput{
		TableName: aws.String(physicalName(t, table.Name)), ConsistentRead: aws.Bool(true), Select: types.SelectCount,
		KeyConditionExpression:    aws.String("userId = :user"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":user": &types.AttributeValueMemberS{Value: userID}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count += int(page.Count)
	}
	return count
}

// plantImport stores what imports leave: a part that is not yet imported, a rule and a statement.
func plantImport(t *testing.T, userID string) {
	t.Helper()
	now := &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().UnixMilli(), 10)}
	for table, item := range map[*tables.Table]map[string]types.AttributeValue{
		tables.CategoryRules:  {"merchantHash": &types.AttributeValueMemberS{Value: "planted"}, "category": &types.AttributeValueMemberS{Value: "home"}},
		tables.Statements:     {"statementId": &types.AttributeValueMemberS{Value: "planted"}, "periodEnd": &types.AttributeValueMemberS{Value: "2026-07-31"}},
		tables.PendingImports: {"partId": &types.AttributeValueMemberS{Value: "planted#1"}, "rows": &types.AttributeValueMemberS{Value: "planted"}},
	} {
		item["userId"], item["writtenAt"] = &types.AttributeValueMemberS{Value: userID}, now
		if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(physicalName(t, table.Name)), Item: item,
		}); err != nil {
			t.Fatal(err)
		}
	}
}
