package e2e_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

const (
	digestText   = "What Expenzez local noticed up to"
	oneClick     = "List-Unsubscribe=One-Click"
	urlEncoded   = "application/x-www-form-urlencoded"
	linkOfDigest = "https://api.expenzez.test/notifications/unsubscribe/"
)

// emailDigests turns a digest on, gets it, and leaves it with one click, as a mail provider
// does. A digest that is due by then does not go out.
func emailDigests(t *testing.T) {
	ada, eve := newSignedInUser(t, "ada.digests"), newSignedInUser(t, "eve.digests")
	for _, user := range []signedIn{ada, eve} {
		if shown := user.digest(t); shown != "off" {
			t.Errorf("a new user has the digest %s", shown)
		}
		user.chooseDigest(t, "daily")
	}
	ada.preferences(t, "emailDigest", "hourly").is(t, http.StatusUnprocessableEntity, "", "")

	ada.noticed(t, "Difference engine", 1)
	eve.noticed(t, "Apple", 1)
	requests := queueNamed(t, physicalName(t, notifications.DigestRequests.Name))
	requests.send(t, `{"userId":"","id":"x"}`) // it fails, and waits for its next attempt
	first := sendDigests(t, ada, 1)
	if link := first.Header("List-Unsubscribe-Post"); link != oneClick || strings.Contains(first.Text, "Difference") || !strings.Contains(first.Text, "You have reached a goal of £10.00.") {
		t.Errorf("the digest has the headers %v and says %s", first.Headers, first.Text)
	}
	sendDigests(t, ada, 1) // is due no more

	forgetDigest(t, ada)
	ada.noticed(t, "Analytical engine", 2)
	path := pathOfLink(t, first)
	if status, page := openLink(t, "GET", path, "", ""); status != http.StatusOK || !strings.Contains(page, `<form method="post">`) || ada.digest(t) != "daily" {
		t.Errorf("opening the link answered %d %s; the digest is %s", status, page, ada.digest(t))
	}
	forged := path[:len(path)-8] + "AAAAAAAA"
	for body, want := range map[string]int{"": http.StatusUnprocessableEntity, "List-Unsubscribe=No": http.StatusUnprocessableEntity} {
		if status, page := openLink(t, "POST", path, urlEncoded, body); status != want {
			t.Errorf("the form %q answered %d %s", body, status, page)
		}
	}
	if status, page := openLink(t, "POST", forged, urlEncoded, oneClick); status != http.StatusNotFound {
		t.Errorf("a forged link answered %d %s", status, page)
	}
	if ada.digest(t) != "daily" {
		t.Error("a refused request turned the digest off")
	}
	for range 2 {
		if status, page := openLink(t, "POST", path, urlEncoded, oneClick); status != http.StatusOK || !strings.Contains(page, "Unsubscribed") {
			t.Errorf("the click answered %d %s", status, page)
		}
	}
	if ada.digest(t) != "off" || eve.digest(t) != "daily" {
		t.Errorf("after the click the digests are %s and %s", ada.digest(t), eve.digest(t))
	}
	sendDigests(t, ada, 1)
	ada.preferences(t, "emailDigest", "daily").is(t, http.StatusOK, "", "") // knows of the click
	multipart := strings.ReplaceAll("--b\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\n\nOne-Click\n--b--\n", "\n", "\r\n")
	if status, page := openLink(t, "POST", path, "multipart/form-data; boundary=b", multipart); status != http.StatusOK || ada.digest(t) != "off" {
		t.Errorf("the click answered %d %s", status, page)
	}
	erasedDigest(t, eve)
}

// erasedDigest erases a user's data while a digest is due: it goes, and the choice stays.
func erasedDigest(t *testing.T, user signedIn) {
	t.Helper()
	call(t, "DELETE", "/user/data", user.token, map[string]any{"confirm": "DELETE_ALL_DATA"}).is(t, http.StatusOK, "", "")
	finishErasure(t, user.id)
	if left := storedOf(t, tables.Deliveries, user.id); len(left) != 0 || user.digest(t) != "daily" {
		t.Errorf("after the erasure there are %v, and the digest is %s", left, user.digest(t))
	}
	runSchedule(t, physicalName(t, notifications.Digest.Name))
	if sent := mailsTo(t, user.email, digestText); len(sent) != 0 {
		t.Errorf("sent %+v", sent)
	}
}

// digest returns how often the user gets a digest.
func (s signedIn) digest(t *testing.T) any {
	t.Helper()
	shown := call(t, "GET", "/notifications/preferences", s.token, nil)
	shown.is(t, http.StatusOK, "", "")
	chosen, _ := shown.body["preferences"].(map[string]any)
	return chosen["emailDigest"]
}

// preferences changes one preference as the app does: it sends back all that it reads.
func (s signedIn) preferences(t *testing.T, name string, value any) answer {
	t.Helper()
	shown := call(t, "GET", "/notifications/preferences", s.token, nil)
	shown.is(t, http.StatusOK, "", "")
	chosen, _ := shown.body["preferences"].(map[string]any)
	chosen[name] = value
	return call(t, "PUT", "/notifications/preferences", s.token, chosen)
}

func (s signedIn) chooseDigest(t *testing.T, frequency string) {
	t.Helper()
	if s.preferences(t, "emailDigest", frequency).is(t, http.StatusOK, "", ""); s.digest(t) != frequency {
		t.Errorf("the digest is %v, not %s", s.digest(t), frequency)
	}
}

// noticed reaches a goal, which is the n-th notice for digests of the user.
func (s signedIn) noticed(t *testing.T, goal string, n int) {
	t.Helper()
	s.createGoal(t, goal, 10, 10)
	eventually(t, "the notice is kept for the digest", func() bool {
		found := 0
		for _, item := range storedOf(t, tables.Deliveries, s.id) {
			if id, _ := item["id"].(string); strings.HasPrefix(id, tables.NoticedPrefix) {
				found++
			}
		}
		return found == n
	})
}

// sendDigests makes a user's digest due, runs the schedule, and returns the latest digest
// when the user has as many as wanted and each was attempted or left out.
func sendDigests(t *testing.T, user signedIn, wanted int) (latest local.Message) {
	t.Helper()
	makeDigestDue(t, user)
	runSchedule(t, physicalName(t, notifications.Digest.Name))
	eventually(t, "the digest is sent or left out", func() bool {
		for _, item := range storedOf(t, tables.Deliveries, user.id) {
			if id, _ := item["id"].(string); strings.HasPrefix(id, tables.DigestPrefix) && item["attempt"] == nil {
				return false
			}
		}
		return len(mailsTo(t, user.email, digestText)) >= wanted
	})
	sent := mailsTo(t, user.email, digestText)
	if len(sent) != wanted {
		t.Fatalf("%d digests were sent, not %d", len(sent), wanted)
	}
	return sent[len(sent)-1]
}

// makeDigestDue makes the digests of a user that are in the queue due now, with their
// notices.
func makeDigestDue(t *testing.T, user signedIn) {
	t.Helper()
	stored := storedOf(t, tables.Deliveries, user.id)
	due := map[any]bool{}
	for _, item := range stored {
		if item["queue"] == tables.DigestsQueue {
			due[item["dueAt"]] = true
		}
	}
	now := strconv.FormatInt(time.Now().UnixMilli(), 10)
	for _, item := range stored {
		id, _ := item["id"].(string)
		if !due[item["dueAt"]] {
			continue
		}
		if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(physicalName(t, tables.Deliveries.Name)),
			Key: map[string]types.AttributeValue{
				"userId": &types.AttributeValueMemberS{Value: user.id}, "id": &types.AttributeValueMemberS{Value: id},
			},
			UpdateExpression:          aws.String("SET dueAt = :now"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: now}},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// forgetDigest deletes the digest that was sent before its time, so that the next one can
// have its day.
func forgetDigest(t *testing.T, user signedIn) {
	t.Helper()
	for _, item := range storedOf(t, tables.Deliveries, user.id) {
		id, _ := item["id"].(string)
		if !strings.HasPrefix(id, tables.DigestPrefix) {
			continue
		}
		if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(physicalName(t, tables.Deliveries.Name)),
			Key: map[string]types.AttributeValue{
				"userId": &types.AttributeValueMemberS{Value: user.id}, "id": &types.AttributeValueMemberS{Value: id},
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// pathOfLink returns the path of the link in the headers of a digest. No host has the name
// of the local stage's API.
func pathOfLink(t *testing.T, digest local.Message) string {
	t.Helper()
	link := strings.TrimSuffix(strings.TrimPrefix(digest.Header("List-Unsubscribe"), "<"), ">")
	if !strings.HasPrefix(link, linkOfDigest) {
		t.Fatalf("the link is %q", link)
	}
	return strings.TrimPrefix(link, "https://api.expenzez.test")
}

// openLink sends a form as a mail provider does, without a sign-in, and returns the status
// and the page. It checks the response against the contract.
func openLink(t *testing.T, method, path, contentType, body string) (status int, page string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, stage.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.CheckResponse(t.Context(), method, path, response.StatusCode, response.Header, text); err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(text)
}
