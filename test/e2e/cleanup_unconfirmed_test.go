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

	// userIDs are the user ids of the stranded users.
	userIDs = map[person]string{}

	// strandedAt is when the last of the stranded users was added to the pool.
	strandedAt time.Time
)

// strandUsers creates users for the clean-up: one whose registration failed after
// Cognito created the user, two unconfirmed for a week, and one unconfirmed user who is
// too new to be deleted.
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

// undoCompletion reverts the last write of a registration, so that an address stays
// claimed three minutes ago.
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

// cleanupOfUnconfirmedUsers runs the schedules. Names and addresses are free again. A new account, or
// one confirmed before its deletion, still works.
func cleanupOfUnconfirmedUsers(t *testing.T) {
	forgetLimits(t)
	for _, p := range []person{halfway, idle} {
		if got := call(t, "POST", "/auth/check-user-status", "", map[string]any{"username": p.username}); got.body["exists"] != true {
			t.Errorf("%s is not taken: %s", p.username, got.text)
		}
	}
	time.Sleep(time.Until(strandedAt.Add(61 * time.Second)))
	runSchedule(t, physicalName(t, "auth-cleanup-unconfirmed"))
	newUser(t, halfway.username).signIn(t)
	undone.confirm(t).is(t, http.StatusOK, "", "")
	undone.signIn(t)

	// A user who confirms between the two schedules gets no e-mail about a deletion and
	// keeps the account.
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

// expectExpired checks that nothing of an account is left and that no e-mail about its
// end was sent.
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
		t.Errorf("%d e-mails were sent to an unconfirmed address", len(sent))
	}
	if fresh, _ := newUser(t, p.username).signIn(t).body["user"].(map[string]any); fresh["id"] == userIDs[p] {
		t.Error("the new account has the old one's id")
	}
}
