package e2e_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

var (
	halfway = person{"halfway", "halfway@example.com", "Correct-horse-1"}
	undone  = person{"undone", "undone@example.com", "Correct-horse-1"}

	// strandedAt is when the last of them came into the pool.
	strandedAt time.Time
)

// strandUsers leaves behind what the sweep is for: somebody whose registration died
// after it had the user made, and, for it to leave alone, somebody who has not
// confirmed yet.
func strandUsers(t *testing.T) {
	for _, p := range []person{halfway, undone} {
		registered := call(t, "POST", "/auth/register", "", p.form())
		registered.is(t, http.StatusOK, "", "")
		if p == halfway {
			userID, _ := registered.body["cognitoUserSub"].(string)
			undoCompletion(t, userID)
		}
	}
	strandedAt = time.Now()
}

// undoCompletion takes back what a registration writes last, so that an address is
// left that was claimed three minutes ago.
func undoCompletion(t *testing.T, userID string) {
	t.Helper()
	db := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	id := &types.AttributeValueMemberS{Value: userID}
	addresses := aws.String(physicalName(t, tables.UserEmails.Name))
	found, err := db.Scan(t.Context(), &dynamodb.ScanInput{
		TableName: addresses, FilterExpression: aws.String("userId = :user"), ExpressionAttributeValues: map[string]types.AttributeValue{":user": id},
	})
	if err != nil || len(found.Items) != 1 {
		t.Fatalf("the user has %d addresses, %v", len(found.Items), err)
	}
	claimed := found.Items[0]
	delete(claimed, "userId")
	claimed["claimId"] = &types.AttributeValueMemberS{Value: "of a dead registration"}
	claimed["expiresAt"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(time.Now().Add(-time.Minute).Unix(), 10)}
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: addresses, Item: claimed}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(physicalName(t, tables.Users.Name)), Key: map[string]types.AttributeValue{"userId": id},
	}); err != nil {
		t.Fatal(err)
	}
}

// sweptUsers has the schedule run: names and addresses are free again, and whoever
// has an account goes on with it.
func sweptUsers(t *testing.T) {
	forgetLimits(t)
	if got := call(t, "POST", "/auth/check-user-status", "", map[string]any{"username": halfway.username}); got.body["exists"] != true {
		t.Errorf("%s is not taken: %s", halfway.username, got.text)
	}
	time.Sleep(time.Until(strandedAt.Add(61 * time.Second)))
	runSchedule(t, physicalName(t, "auth-sweep"))
	newcomer(t, halfway.username).signIn(t)
	call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": undone.username, "code": confirmationCode}).is(t, http.StatusOK, "", "")
	undone.signIn(t)
}
