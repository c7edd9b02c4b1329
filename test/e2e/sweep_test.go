package e2e_test

import (
	"net/http"
	"strconv"
	"strings"
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
	idle    = person{"idle", "idle@example.com", "Correct-horse-1"}
	late    = person{"late", "late@example.com", "Correct-horse-1"}

	// userIDs are the ids of them.
	userIDs = map[person]string{}

	// strandedAt is when the last of them came into the pool.
	strandedAt time.Time
)

// strandUsers leaves behind what the sweep is for: somebody whose registration died
// after it had the user made, two who have not confirmed for a week, and, for it to leave
// alone, somebody who has not confirmed yet.
func strandUsers(t *testing.T) {
	for _, p := range []person{halfway, undone, idle, late} {
		registered := call(t, "POST", "/auth/register", "", p.form())
		registered.is(t, http.StatusOK, "", "")
		userID, _ := registered.body["cognitoUserSub"].(string)
		switch p {
		case halfway:
			undoCompletion(t, userID)
		case idle, late:
			age(t, userID)
		}
		userIDs[p] = userID
	}
	strandedAt = time.Now()
}

// age makes an account a week older.
func age(t *testing.T, userID string) {
	t.Helper()
	if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName:                 aws.String(physicalName(t, tables.Users.Name)),
		Key:                       map[string]types.AttributeValue{"userId": &types.AttributeValueMemberS{Value: userID}},
		UpdateExpression:          aws.String("SET createdAt = createdAt - :week"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":week": &types.AttributeValueMemberN{Value: strconv.FormatInt((7 * 24 * time.Hour).Milliseconds(), 10)}},
	}); err != nil {
		t.Fatal(err)
	}
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

// sweptUsers has the schedules run: names and addresses are free again, and whoever
// has an account that is young, or confirmed before it is deleted, goes on with it.
func sweptUsers(t *testing.T) {
	forgetLimits(t)
	for _, p := range []person{halfway, idle} {
		if got := call(t, "POST", "/auth/check-user-status", "", map[string]any{"username": p.username}); got.body["exists"] != true {
			t.Errorf("%s is not taken: %s", p.username, got.text)
		}
	}
	time.Sleep(time.Until(strandedAt.Add(61 * time.Second)))
	runSchedule(t, physicalName(t, "auth-sweep"))
	newcomer(t, halfway.username).signIn(t)
	undone.confirm(t).is(t, http.StatusOK, "", "")
	undone.signIn(t)

	// Between the two schedules, whoever confirms is not told so, and keeps the account.
	late.confirm(t).is(t, http.StatusBadRequest, "ExpiredCodeException", "")
	runSchedule(t, physicalName(t, "auth-delete-account"))
	late.confirm(t).says(t, "already confirmed")
	late.signIn(t)
	expectExpired(t, idle)
}

func (p person) confirm(t *testing.T) answer {
	t.Helper()
	return call(t, "POST", "/auth/confirm-signup", "", map[string]any{"username": p.username, "code": confirmationCode})
}

// expectExpired finds nothing of somebody's account, and no e-mail about its end.
func expectExpired(t *testing.T, p person) {
	t.Helper()
	p.confirm(t).is(t, http.StatusBadRequest, "CodeMismatchException", "")
	finishDeletion(t, userIDs[p])
	for place, text := range everythingStored(t) {
		if strings.Contains(text, userIDs[p]) && place != tables.RevokedTokens.Name || strings.Contains(text, p.username+"@") {
			t.Errorf("%s still holds the account of %s", place, p.username)
		}
	}
	if sent := mailsTo(t, p.email, ""); len(sent) != 1 || !strings.Contains(sent[0].HTML, confirmationCode) {
		t.Errorf("%d e-mails were sent to an address that nobody confirmed", len(sent))
	}
	if fresh, _ := newcomer(t, p.username).signIn(t).body["user"].(map[string]any); fresh["id"] == userIDs[p] {
		t.Error("the new account has the old one's id")
	}
}
