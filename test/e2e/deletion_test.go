package e2e_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// accountDeletion deletes an account during writes. It then searches all tables and
// logs for the user's data.
func accountDeletion(t *testing.T) {
	mary := newUser(t, "mary.somerville")
	session := mary.signIn(t)
	token, _ := session.body["accessToken"].(string)
	user, _ := session.body["user"].(map[string]any)
	userID, _ := user["id"].(string)

	for _, write := range writes(0) {
		call(t, write.method, write.path, token, write.body).is(t, http.StatusOK, "", "")
	}
	takeImports(t, userID, 2)
	plantImport(t, userID)
	plantDelivery(t, userID)
	parsedStatement(t, token)
	deleteDuringWrites(t, token)
	if got, _ := send(t, "GET", "/profile", token, nil); got.status != http.StatusUnauthorized {
		t.Errorf("the token of a deleted account answered %d %s", got.status, got.text)
	}
	call(t, "POST", "/auth/login", "", map[string]any{"username": mary.username, "password": mary.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": session.body["refreshToken"]}).is(t, http.StatusUnauthorized, "", "")

	finishDeletion(t, userID)
	stored := everythingStored(t)
	for _, trace := range []string{userID, mary.username, mary.email, "Somerville", "+447700900123", "ios__mary", "Mary's iPhone", "Mary's telescope", "Jedburgh"} {
		for place, text := range stored {
			if strings.Contains(strings.ToLower(text), strings.ToLower(trace)) {
				t.Errorf("%s still holds %q", place, trace)
			}
		}
		lines, err := stage.Logs(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if strings.Contains(line.Message, trace) {
				t.Errorf("a log holds %q: %s", trace, line.Message)
			}
		}
	}

	// The name and the address are free again, and the next registration is a new
	// account.
	again := newUser(t, mary.username)
	if fresh, _ := again.signIn(t).body["user"].(map[string]any); fresh["id"] == userID {
		t.Error("the new account has the old one's id")
	}
}

// write is one request that stores a user's data.
type write struct {
	method, path string
	body         any
}

// writes are requests that write each table with user data, for the n-th time.
func writes(n int) []write {
	device := fmt.Sprintf("ios__mary%d", n)
	at := time.Now().UTC()
	return []write{
		{"PUT", "/profile", map[string]any{
			"firstName": "Mary", "lastName": "Somerville", "phone": "+447700900123", "city": "Jedburgh", "occupation": strings.Repeat("x", n+1),
		}},
		{"POST", "/devices/register", map[string]any{
			"deviceId": device, "deviceFingerprint": "Zg==", "deviceName": "Mary's iPhone", "platform": "ios", "appVersion": "1.8.1", "rememberMe": true, "userEmail": "test@expenzez.com",
		}},
		{"POST", "/security/setup-pin", map[string]any{"pin": "48213", "deviceId": device, "biometricEnabled": false}},
		{"PUT", "/security/preferences", map[string]any{"appLockEnabled": n%2 == 0}},
		{"POST", "/goals", goalForm(fmt.Sprint("Mary's telescope ", n), 10, 10)}, // reached, so that messages follow
		{"PUT", "/profile/progress", map[string]any{
			"totalXP": 10, "level": 1, "lastActions": map[string]any{"daily-login": at.Format(time.RFC3339)},
			"dailyXP": 10, "weeklyXP": 10, "monthlyXP": 10, "lastResetDate": at.Format(time.DateOnly),
		}},
		{"POST", "/transactions", transactionForm(fmt.Sprint("Mary's telescope ", n), -10)},
		{"PUT", "/profile/budget-preferences", map[string]any{"monthlySpendingLimit": 100 + n}},
		{"POST", "/bills/detected", map[string]any{"bills": []any{foundBill("bill_telescope_monthly", "Mary's telescope club")}}},
		{"PUT", "/bills/preferences/bill_telescope_monthly", map[string]any{"status": "inactive"}},
		{"GET", "/transactions/import-usage", nil}, // which stores the plan
		{"PUT", "/profile/credit-score", scoreForm(creditScore("Equifax", "2026-01", n))},
		{"POST", "/credit/card", cardForm(fmt.Sprint("Mary's telescope ", n))},
		{"GET", "/briefs/daily", nil}, // which stores the brief
		{"POST", "/credit/debt", debtForm(fmt.Sprint("Mary's telescope ", n))},
		{"POST", "/ai/chat-message", map[string]any{"role": "user", "content": "Mary's telescope"}},
		{"POST", "/ai/insight", question("Can I afford a telescope?", 0)},
		{"POST", "/notifications/tokens", pushToken(fmt.Sprint("mary-", n))},
	}
}

// deleteDuringWrites sends writes and the deletion in parallel. Each write succeeds
// before the deletion or is refused, and none gets a 5xx.
func deleteDuringWrites(t *testing.T, token string) {
	t.Helper()
	var all sync.WaitGroup
	both := append(writes(1), writes(2)...)
	statuses := make([]int, len(both))
	for i, write := range both {
		all.Go(func() {
			got, _ := send(t, write.method, write.path, token, write.body)
			statuses[i] = got.status
		})
	}
	var deleted answer
	all.Go(func() { deleted, _ = send(t, "DELETE", "/auth/delete-account", token, nil) })
	all.Wait()
	deleted.is(t, http.StatusOK, "", "")
	for i, status := range statuses {
		if status != http.StatusOK && status != http.StatusUnauthorized && status != http.StatusNotFound {
			t.Errorf("%s %s beside the deletion answered %d", both[i].method, both[i].path, status)
		}
	}
}

// finishDeletion waits out the time in which requests may still write and runs the
// schedule.
func finishDeletion(t *testing.T, userID string) {
	t.Helper()
	passMinute(t, tables.AccountDeletions, tables.DeletionQueue, userID)
	runSchedule(t, physicalName(t, "auth-delete-account"))
}

// finishErasure is finishDeletion for an erasure of data.
func finishErasure(t *testing.T, userID string) {
	t.Helper()
	for range 3 { // the stage's own schedule may have noted the end of the erasure meanwhile
		passMinute(t, tables.DataErasures, tables.ErasureQueue, userID)
		runSchedule(t, physicalName(t, "profile-user-data"))
		if !strings.Contains(everythingStored(t)[tables.DataErasures.Name], userID) {
			return
		}
	}
	t.Error("the erasure is not finished")
}

// passMinute makes every entry of a queue table a minute older.
func passMinute(t *testing.T, table *tables.Table, queue, userID string) {
	t.Helper()
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(physicalName(t, table.Name)),
		Key: map[string]types.AttributeValue{
			"queue": &types.AttributeValueMemberS{Value: queue}, "userId": &types.AttributeValueMemberS{Value: userID},
		},
		UpdateExpression:          aws.String("SET erasedAt = erasedAt - :minute"),
		ConditionExpression:       aws.String("attribute_exists(erasedAt)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":minute": &types.AttributeValueMemberN{Value: "60000"}},
	}); err != nil {
		t.Fatalf("%s has no entry that is done: %v", table.Name, err)
	}
}

// runSchedule invokes a function as its schedule does.
func runSchedule(t *testing.T, function string) {
	t.Helper()
	out, err := lambda.NewFromConfig(stage.AWSConfig(local.Region)).Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(function), Qualifier: aws.String("live"), Payload: []byte(`{"schedule":"schedule"}`),
	})
	if err != nil || out.FunctionError != nil {
		t.Fatalf("the run failed: %v %s", err, out.Payload)
	}
}

// everythingStored returns the items of every table with binary attributes as text.
// JSON would encode them as base64 and hide an unencrypted text.
func everythingStored(t *testing.T) map[string]string {
	t.Helper()
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	stored := map[string]string{}
	for _, table := range tables.All() {
		pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String(physicalName(t, table.Name))})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var items []map[string]any
			if err := attributevalue.UnmarshalListOfMaps(page.Items, &items); err != nil {
				t.Fatal(err)
			}
			stored[table.Name] += fmt.Sprintf("%q", items)
		}
	}
	return stored
}

// dataErasure erases a user's data. As the app promises, account, profile, devices and
// session stay.
func dataErasure(t *testing.T) {
	sophie := newSignedInUser(t, "sophie")
	call(t, "POST", "/devices/register", sophie.token, device(iphone, "Sophie's iPhone")).is(t, http.StatusOK, "", "")
	sophie.setPIN(t, iphone, "48151")
	sophie.lock(t, true)
	parsedStatement(t, sophie.token)
	before := call(t, "GET", "/profile", sophie.token, nil)
	for _, confirm := range []any{nil, "", "delete_all_data", 1} {
		got := call(t, "DELETE", "/user/data", sophie.token, map[string]any{"confirm": confirm})
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("the phrase %v answered %d %s", confirm, got.status, got.text)
		}
	}
	erased := call(t, "DELETE", "/user/data", sophie.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	if erased.body["rowsDeleted"] != 3.0 { // the PIN, the preferences and the job of the statement
		t.Errorf("erased %s", erased.text)
	}
	sophie.setPIN(t, iphone, "62342") // after the erasure, on the same device
	finishErasure(t, sophie.id)
	sophie.offers(t, iphone, "62342", true)
	if after := call(t, "GET", "/profile", sophie.token, nil); after.status != http.StatusOK || after.text != before.text {
		t.Errorf("the profile was %s and is %s", before.text, after.text)
	}
	if ids := deviceIDs(t, sophie.token); !slices.Equal(ids, []string{iphone}) {
		t.Errorf("the devices are %v", ids)
	}
}
