package e2e_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// budgets exhausts a budget of the stage and then one of this address. The backend
// refuses requests with and without an account alike, and creates nothing.
func budgets(t *testing.T) {
	forgetLimits(t)
	known := newUser(t, "ingrid.daubechies")
	refused := person{username: "vera.pless", email: "vera.pless@example.com", password: "Correct-horse-1"}

	exhaustBudget(t, "stage", function.Emails)
	var texts []string
	for _, name := range []string{known.username, refused.username} {
		got := call(t, "POST", "/auth/forgot-password", "", map[string]any{"username": name})
		got.is(t, http.StatusTooManyRequests, "RATE_LIMITED", "")
		texts = append(texts, perRequest.ReplaceAllString(got.text, ""))
	}
	if texts[0] != texts[1] {
		t.Errorf("an account gets %s, none gets %s", texts[0], texts[1])
	}
	call(t, "POST", "/auth/register", "", refused.form()).is(t, http.StatusTooManyRequests, "RATE_LIMITED", "")
	known.signIn(t)
	restore(t, "stage", function.Emails)

	exhaustBudget(t, "address#", function.Registrations)
	call(t, "POST", "/auth/register", "", refused.form()).is(t, http.StatusTooManyRequests, "RATE_LIMITED", "")
	call(t, "POST", "/auth/forgot-username", "", map[string]any{"email": known.email}).is(t, http.StatusOK, "", "")
	restore(t, "address#", function.Registrations)

	if sent := mailsTo(t, refused.email, ""); len(sent) != 0 {
		t.Errorf("%d e-mails were sent beyond the budget", len(sent))
	}
	newUser(t, refused.username)
}

// exhaustBudget exhausts the budget in every item of RateLimits whose id has the
// prefix.
func exhaustBudget(t *testing.T, prefix string, budget function.Budget) {
	t.Helper()
	spent := strconv.FormatInt(time.Now().Add(time.Hour).UnixMicro(), 10)
	changed := changeLimits(t, prefix, "SET #budget = :spent", "budget-"+budget.Name, map[string]types.AttributeValue{":spent": &types.AttributeValueMemberN{Value: spent}})
	if changed == 0 {
		t.Fatalf("nothing is counted for %s", prefix)
	}
}

func restore(t *testing.T, prefix string, budget function.Budget) {
	t.Helper()
	changeLimits(t, prefix, "REMOVE #budget", "budget-"+budget.Name, nil)
}

func changeLimits(t *testing.T, prefix, change, attribute string, values map[string]types.AttributeValue) (changed int) {
	t.Helper()
	db, table := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)), aws.String(physicalName(t, tables.RateLimits.Name))
	found, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: table})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range found.Items {
		id, _ := item["id"].(*types.AttributeValueMemberS)
		if id == nil || !strings.HasPrefix(id.Value, prefix) {
			continue
		}
		if _, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: table, Key: map[string]types.AttributeValue{"id": id}, UpdateExpression: aws.String(change),
			ExpressionAttributeNames: map[string]string{"#budget": attribute}, ExpressionAttributeValues: values,
		}); err != nil {
			t.Fatal(err)
		}
		changed++
	}
	return changed
}

// disclosures sends the requests whose responses disclose an account, as the contract
// requires. Each such response is recorded without the name.
func disclosures(t *testing.T) {
	forgetLimits(t)
	lotte := newUser(t, "lotte.reiniger")
	again := lotte
	again.username = "lotte.again"
	for i, try := range []struct {
		path string
		body map[string]any
	}{
		{"/auth/register", again.form()},
		{"/auth/check-user-status", map[string]any{"username": lotte.username}},
		{"/auth/confirm-signup", map[string]any{"username": lotte.email, "code": "000000"}},
	} {
		before := disclosed(t)
		call(t, "POST", try.path, "", try.body)
		if after := disclosed(t); after != before+1 {
			t.Errorf("%d: %s told, and %d responses are recorded, not %d", i, try.path, after-before, 1)
		}
	}
	before := disclosed(t)
	call(t, "POST", "/auth/check-user-status", "", map[string]any{"username": "lotte.free"}).is(t, http.StatusOK, "", "")
	if after := disclosed(t); after != before {
		t.Errorf("a free username is recorded as an account")
	}
}

// disclosed returns how many disclosing responses are recorded.
func disclosed(t *testing.T) int {
	t.Helper()
	return strings.Count(everythingStored(t)[tables.SecurityEvents.Name], fmt.Sprintf("%q", "account-disclosed"))
}
