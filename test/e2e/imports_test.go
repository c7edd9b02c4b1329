package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/lambdas/transactions"
	"github.com/expenzez/infrastructure/local"
)

// importUsage reads the quota of imports as a free user and as a premium user, before
// and after imports, and while RevenueCat is down.
func importUsage(t *testing.T) {
	refusal := call(t, "GET", "/transactions/import-usage", "", nil)
	refusal.is(t, http.StatusUnauthorized, "", "")

	free, premium, byName := newSignedInUser(t, "elena.cornaro"), newSignedInUser(t, "sofya.kovalevskaya"), newSignedInUser(t, "hypatia")
	subscribe(t, premium.id)
	subscribe(t, "hypatia") // the app has signed in at RevenueCat with the username
	showsImports(t, free.token, "FREE", 0, 4)
	showsImports(t, premium.token, "PREMIUM", 0, 15)
	showsImports(t, byName.token, "PREMIUM", 0, 15)

	takeImports(t, free.id, 3)
	showsImports(t, free.token, "FREE", 3, 1)
	takeImports(t, free.id, 5)
	showsImports(t, free.token, "FREE", 5, 0)
	showsImports(t, premium.token, "PREMIUM", 0, 15)

	callFakes(t, "PUT", "/-/faults/revenuecat?fault=500", nil, nil)
	defer callFakes(t, "PUT", "/-/faults/revenuecat?fault=", nil, nil)
	showsImports(t, premium.token, "PREMIUM", 0, 15)
	showsImports(t, newSignedInUser(t, "amalie").token, "FREE", 0, 4)
}

// showsImports fails the test unless the response is the quota as it should be.
func showsImports(t *testing.T, token, tier string, used, remaining int) {
	t.Helper()
	got := call(t, "GET", "/transactions/import-usage", token, nil)
	got.is(t, http.StatusOK, "", "")
	if got.body["tier"] != tier || got.body["used"] != float64(used) || got.body["remaining"] != float64(remaining) || got.body["allowed"] != (remaining > 0) {
		t.Errorf("%s with %d imports: %s", tier, used, got.text)
	}
	resetsAt, err := time.Parse(time.RFC3339, fmt.Sprint(got.body["resetsAt"]))
	if err != nil || !resetsAt.After(time.Now()) || resetsAt.In(london(t)).Day() != 1 {
		t.Errorf("the quota resets at %v", got.body["resetsAt"])
	}
}

// subscribe makes a customer of RevenueCat premium for a month.
func subscribe(t *testing.T, customer string) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"id": customer, "entitlements": []any{
		map[string]any{"id": "entla1b2c3d4e5", "expires_at": time.Now().AddDate(0, 1, 0).UnixMilli()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	callFakes(t, "PUT", "/-/revenuecat/customers", body, nil)
}

// takeImports stores that a user has used so many imports of this month.
func takeImports(t *testing.T, userID string, count int) {
	t.Helper()
	subjects := make([]string, count)
	for i := range subjects {
		subjects[i] = "file-" + strconv.Itoa(i)
	}
	period := time.Now().In(london(t)).Format("2006-01")
	if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(physicalName(t, tables.Quotas.Name)),
		Item: map[string]types.AttributeValue{
			"userId":    &types.AttributeValueMemberS{Value: userID},
			"id":        &types.AttributeValueMemberS{Value: transactions.Imports.Name + "#" + period},
			"subjects":  &types.AttributeValueMemberSS{Value: subjects},
			"expiresAt": &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().AddDate(0, 2, 0).Unix(), 10)},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
