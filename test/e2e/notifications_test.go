package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

func pushToken(name string) map[string]any {
	return map[string]any{
		"token": "ExponentPushToken[" + name + "]", "platform": "ios",
		"deviceInfo": map[string]any{"deviceName": "Phone of St James", "osVersion": "18.1", "appVersion": "1.0.0"},
	}
}

// plantDelivery stores a push notification that has been sent.
func plantDelivery(t *testing.T, userID string) {
	t.Helper()
	if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(physicalName(t, tables.Deliveries.Name)),
		Item: map[string]types.AttributeValue{
			"userId": &types.AttributeValueMemberS{Value: userID}, "id": &types.AttributeValueMemberS{Value: "planted"},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// notificationSettings registers push tokens, moves one to another user, and changes
// preferences.
func notificationSettings(t *testing.T) {
	chien, eve := newSignedInUser(t, "chien.shiung"), newSignedInUser(t, "eve.notifications")
	var id string
	for range 2 {
		got := call(t, "POST", "/notifications/tokens", chien.token, pushToken("chien-1"))
		got.isDone(t)
		id, _ = got.body["tokenId"].(string)
	}
	call(t, "POST", "/notifications/tokens", chien.token, map[string]any{"token": "no token", "platform": "ios"}).is(t, http.StatusUnprocessableEntity, "", "")
	if got := chien.tokens(t); len(got) != 1 {
		t.Errorf("the tokens are %v", got)
	}
	call(t, "DELETE", "/notifications/tokens", eve.token, map[string]any{"tokenId": id}).isNested(t, http.StatusNotFound, "PUSH_TOKEN_NOT_FOUND")
	call(t, "POST", "/notifications/tokens", eve.token, pushToken("chien-1")).isDone(t) // signed in on the same phone
	eventually(t, "the token is of its latest user alone", func() bool {
		call(t, "POST", "/notifications/tokens", eve.token, pushToken("chien-1")).isDone(t)
		return len(chien.tokens(t)) == 0 && len(eve.tokens(t)) == 1
	})
	call(t, "DELETE", "/notifications/tokens", eve.token, map[string]any{"token": "ExponentPushToken[chien-1]"}).isDone(t)

	shown := call(t, "GET", "/notifications/preferences", chien.token, nil)
	shown.is(t, http.StatusOK, "", "")
	wanted, _ := shown.body["preferences"].(map[string]any)
	wanted["pushEnabled"], wanted["securityAlerts"], wanted["sounds"] = false, false, "birds"
	call(t, "PUT", "/notifications/preferences", chien.token, wanted).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/notifications/preferences", chien.token, map[string]any{"pushEnabled": true}).is(t, http.StatusUnprocessableEntity, "", "")
	shown = call(t, "GET", "/notifications/preferences", chien.token, nil)
	if kept, _ := shown.body["preferences"].(map[string]any); kept["pushEnabled"] != false || kept["securityAlerts"] != true || kept["sounds"] != "birds" {
		t.Errorf("the preferences are %s", shown.text)
	}
}

func (s signedIn) tokens(t *testing.T) []any {
	t.Helper()
	got := call(t, "GET", "/notifications/tokens", s.token, nil)
	got.is(t, http.StatusOK, "", "")
	if strings.Contains(got.text, "ExponentPushToken") {
		t.Errorf("the list discloses a token: %s", got.text)
	}
	all, _ := got.body["tokens"].([]any)
	return all
}

// feed returns the notifications that the app shows.
func (s signedIn) feed(t *testing.T) (all []map[string]any) {
	t.Helper()
	return s.listed(t, "/notifications/history?limit=20", "notifications")
}

// listed returns the objects of a list that a route responds with.
func (s signedIn) listed(t *testing.T, path, property string) (all []map[string]any) {
	t.Helper()
	got := call(t, "GET", path, s.token, nil)
	got.is(t, http.StatusOK, "", "")
	list, _ := got.body[property].([]any)
	for _, one := range list {
		object, _ := one.(map[string]any)
		all = append(all, object)
	}
	return all
}

// notificationFeed reads the feed, marks all of it read at once, as the app does, and
// deletes it.
func notificationFeed(t *testing.T) {
	rosalind := newSignedInUser(t, "rosalind.feed")
	if got := rosalind.feed(t); len(got) != 0 {
		t.Errorf("a new user has %v", got)
	}
	call(t, "GET", "/notifications/history?limit=none", rosalind.token, nil).is(t, http.StatusUnprocessableEntity, "", "")
	for _, title := range []string{"Helix", "Camera", "Trip to St James"} {
		rosalind.createGoal(t, title, 10, 10)
	}
	eventually(t, "each goal has a notification", func() bool { return len(storedOf(t, tables.NotificationHistory, rosalind.id)) == 3 })
	feed := rosalind.feed(t)
	if feed[0]["message"] != "You have reached your goal Trip to St James of £10.00." || feed[0]["read"] != false || feed[0]["type"] != "insight" {
		t.Errorf("the feed is %v", feed)
	}
	var all sync.WaitGroup
	for range 34 {
		for _, n := range feed {
			id, _ := n["id"].(string)
			all.Go(func() {
				call(t, "PUT", "/notifications/"+url.PathEscape(id)+"/read", rosalind.token, map[string]any{"notificationId": id}).isDone(t)
			})
		}
	}
	all.Wait()
	for _, n := range rosalind.feed(t) {
		if n["read"] != true {
			t.Errorf("%v is not read", n)
		}
	}
	push := "0:1766000000%25abc:def"
	call(t, "PUT", "/notifications/"+url.PathEscape(push)+"/read", rosalind.token, map[string]any{"notificationId": push}).isDone(t)
	call(t, "PUT", "/notifications/x/read", rosalind.token, map[string]any{}).is(t, http.StatusUnprocessableEntity, "", "")
	cleared := call(t, "DELETE", "/notifications", rosalind.token, nil)
	cleared.isDone(t)
	if cleared.body["deleted"] != 3.0 || len(storedOf(t, tables.NotificationHistory, rosalind.id)) != 0 {
		t.Errorf("deleted %s", cleared.text)
	}
}
