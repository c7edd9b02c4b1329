package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// accountDeletion deletes an account in the middle of writes, and then looks for
// what is left of it as somebody with all tables and logs would.
func accountDeletion(t *testing.T) {
	mary := newcomer(t, "mary.somerville")
	session := mary.signIn(t)
	token, _ := session.body["accessToken"].(string)
	user, _ := session.body["user"].(map[string]any)
	userID, _ := user["id"].(string)

	deleteAmidWrites(t, token)
	if got, _ := send(t, "GET", "/profile", token, nil); got.status != http.StatusUnauthorized {
		t.Errorf("the token of a deleted account answered %d %s", got.status, got.text)
	}
	call(t, "POST", "/auth/login", "", map[string]any{"username": mary.username, "password": mary.password}).is(t, http.StatusUnauthorized, "NotAuthorizedException", "")
	call(t, "POST", "/auth/refresh", "", map[string]any{"refreshToken": session.body["refreshToken"]}).is(t, http.StatusUnauthorized, "", "")

	finishDeletion(t, userID)
	stored := everythingStored(t)
	for _, trace := range []string{userID, mary.username, mary.email} {
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

	// The name and the address are free again, and what follows is a new account.
	again := newcomer(t, mary.username)
	if fresh, _ := again.signIn(t).body["user"].(map[string]any); fresh["id"] == userID {
		t.Error("the new account has the old one's id")
	}
}

// deleteAmidWrites sends ten writes and the deletion at once. Each write happens
// before the account is gone or not at all; none is a failure of ours.
func deleteAmidWrites(t *testing.T, token string) {
	t.Helper()
	var all sync.WaitGroup
	statuses := make([]int, 10)
	for i := range statuses {
		all.Go(func() {
			got, _ := send(t, "PUT", "/profile", token, map[string]any{"city": "Jedburgh", "occupation": strings.Repeat("x", i+1)})
			statuses[i] = got.status
		})
	}
	var deleted answer
	all.Go(func() { deleted = call(t, "DELETE", "/auth/delete-account", token, nil) })
	all.Wait()
	deleted.is(t, http.StatusOK, "", "")
	for _, status := range statuses {
		if status != http.StatusOK && status != http.StatusUnauthorized && status != http.StatusNotFound {
			t.Errorf("a write beside the deletion answered %d", status)
		}
	}
}

// finishDeletion lets the time pass in which requests may be writing, and has the
// schedule run.
func finishDeletion(t *testing.T, userID string) {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(cfg.PhysicalName(tables.AccountDeletions.Name)),
		Key: map[string]types.AttributeValue{
			"queue": &types.AttributeValueMemberS{Value: tables.DeletionQueue}, "userId": &types.AttributeValueMemberS{Value: userID},
		},
		UpdateExpression:          aws.String("SET erasedAt = erasedAt - :minute"),
		ConditionExpression:       aws.String("attribute_exists(erasedAt)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":minute": &types.AttributeValueMemberN{Value: "60000"}},
	}); err != nil {
		t.Fatalf("the deletion is not entered as done: %v", err)
	}
	runSchedule(t, cfg.PhysicalName("auth-delete-account"))
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

// everythingStored returns the items of every table as JSON.
func everythingStored(t *testing.T) map[string]string {
	t.Helper()
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	stored := map[string]string{}
	for _, table := range tables.All() {
		pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String(cfg.PhysicalName(table.Name))})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(page.Items)
			if err != nil {
				t.Fatal(err)
			}
			stored[table.Name] += string(text)
		}
	}
	return stored
}

func dataErasure(t *testing.T) {
	token, _ := newcomer(t, "sophie").signIn(t).body["accessToken"].(string)
	for _, confirm := range []any{nil, "", "delete_all_data", 1} {
		got := call(t, "DELETE", "/user/data", token, map[string]any{"confirm": confirm})
		if got.status != http.StatusUnprocessableEntity {
			t.Errorf("the phrase %v answered %d %s", confirm, got.status, got.text)
		}
	}
	erased := call(t, "DELETE", "/user/data", token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	call(t, "GET", "/profile", token, nil).is(t, http.StatusOK, "", "")
}
