package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/alerts"
	"github.com/expenzez/infrastructure/lambdas/notifications"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// proactiveAlerts reaches a goal, crosses a budget and makes payments. Each leads to one
// alert, one entry in the feed and one push. Alerts are acknowledged and dismissed.
func proactiveAlerts(t *testing.T) {
	katherine, eve := newSignedInUser(t, "katherine.alerts"), newSignedInUser(t, "eve.alerts")
	if got := katherine.alerts(t); len(got) != 0 {
		t.Errorf("a new user has %v", got)
	}
	call(t, "GET", "/alerts/preferences", katherine.token, nil).is(t, http.StatusOK, "", "")
	katherine.isToldAtNight(t)
	call(t, "PUT", "/alerts/preferences", katherine.token, map[string]any{"quietHoursStart": "25:00"}).is(t, http.StatusUnprocessableEntity, "", "")
	for _, phone := range []string{"katherine-1", "katherine-2"} {
		call(t, "POST", "/notifications/tokens", katherine.token, pushToken(phone)).isDone(t)
	}
	callFakes(t, "PUT", "/-/expo/uninstalled?token="+url.QueryEscape("ExponentPushToken[katherine-2]"), nil, nil)

	goal := katherine.createGoal(t, "A trip to St James", 10, 10)
	katherine.pays(t, -100) // neither large, nor is it known what is usual
	katherine.pays(t, -600)
	eventually(t, "both have an alert", func() bool { return len(katherine.alerts(t)) == 2 })
	eventually(t, "both are pushed and in the feed", func() bool {
		return len(pushedTo(t, "katherine-1")) == 2 && len(katherine.feed(t)) == 2
	})
	for _, message := range pushedTo(t, "katherine-1") {
		if text, _ := json.Marshal(message); strings.Contains(string(text), "St James") || strings.Contains(string(text), "Rent of") {
			t.Errorf("a text of the user was pushed: %s", text)
		}
	}
	acknowledged := call(t, "POST", "/alerts/goal-"+goal+"/acknowledge", katherine.token, nil)
	acknowledged.is(t, http.StatusOK, "", "")
	for _, alert := range katherine.alerts(t) {
		id, _ := alert["alertId"].(string)
		call(t, "POST", "/alerts/"+id+"/acknowledge", eve.token, nil).isNested(t, http.StatusNotFound, "ALERT_NOT_FOUND")
		call(t, "POST", "/alerts/"+id+"/dismiss", eve.token, nil).isNested(t, http.StatusNotFound, "ALERT_NOT_FOUND")
		call(t, "POST", "/alerts/"+id+"/dismiss", katherine.token, nil).isDone(t)
	}
	if got := katherine.alerts(t); len(got) != 0 {
		t.Errorf("left are %v", got)
	}
	own := map[string]any{"type": "account", "title": "Reminder", "message": "Rent is due", "data": map[string]any{"amount": 5}}
	for range 2 { // the second is the same request
		call(t, "POST", "/notifications/send", katherine.token, own).isDone(t)
	}
	call(t, "POST", "/notifications/send", katherine.token, map[string]any{"type": "account"}).is(t, http.StatusUnprocessableEntity, "", "")
	eventually(t, "the user's own notification is pushed", func() bool { return len(pushedTo(t, "katherine-1")) == 3 })
	if got := katherine.feed(t); len(got) != 3 {
		t.Errorf("the feed is %v", got)
	}
	deadTokens(t, katherine)
	erasedAlerts(t, katherine)
	billAlerts(t)
}

// billAlerts imports a bill whose price rose and that is due. A device knows it by an id of
// its own. A visit that comes twice leads to one alert of each, one entry in the feed and one
// push.
func billAlerts(t *testing.T) {
	mary := newSignedInUser(t, "mary.bills")
	mary.isToldAtNight(t)
	call(t, "POST", "/notifications/tokens", mary.token, pushToken("mary-1")).isDone(t)
	due := londonTime(t)
	for due.Day() > 28 {
		due = due.AddDate(0, 0, 1)
	}
	var rows []any
	for months := 1; months <= 6; months++ {
		price := -9.99
		if months <= 2 {
			price = -11.99
		}
		rows = append(rows, csvRow(due.AddDate(0, -months, 0).Format(time.DateOnly)+"T00:00:00Z", price, "FILMHOUSE.COM"))
	}
	importsAs(t, mary, csvFile("monzo", rows...), 6, 0, 0)
	eventually(t, "the bill is detected", func() bool { return len(mary.billsOf(t)) == 1 })
	call(t, "POST", "/bills/detected", mary.token, map[string]any{"bills": []any{foundBill("day_pattern_filmhouse", "filmhouse.com")}}).is(t, http.StatusOK, "", "")

	runSchedule(t, physicalName(t, alerts.Schedule.Name))
	visits := queueNamed(t, physicalName(t, alerts.BillVisits.Name))
	today := londonTime(t).Format(time.DateOnly)
	visits.send(t, fmt.Sprintf(`{"userId":"","day":%q}`, today)) // it fails, and waits for its next attempt
	for range 2 {
		visits.send(t, fmt.Sprintf(`{"userId":%q,"day":%q}`, mary.id, today))
	}
	eventually(t, "the bill alerts, and its price", func() bool { return len(mary.alerts(t)) == 2 })
	eventually(t, "both are in the feed and pushed", func() bool { return len(mary.feed(t)) == 2 && len(pushedTo(t, "mary-1")) == 2 })
	said := ""
	for _, alert := range mary.alerts(t) {
		said += fmt.Sprintln(alert["type"], alert["message"])
	}
	for _, want := range []string{"SUBSCRIPTION_RENEWAL A bill ", "rose from £9.99 to £11.99", "is due on " + due.Format("2 January")} {
		if !strings.Contains(said, want) {
			t.Errorf("the alerts are %s", said)
		}
	}
}

// isToldAtNight turns the quiet hours off.
func (s signedIn) isToldAtNight(t *testing.T) {
	t.Helper()
	loud := map[string]any{"quietHoursStart": "", "quietHoursEnd": "", "maxAlertsPerDay": 50}
	call(t, "PUT", "/alerts/preferences", s.token, loud).is(t, http.StatusOK, "", "")
}

// deadTokens reads the receipts, which say that the app was removed from a phone.
func deadTokens(t *testing.T, user signedIn) {
	t.Helper()
	makeDue(t, user)
	eventually(t, "the dead push token is removed", func() bool {
		runSchedule(t, physicalName(t, notifications.Push.Name))
		return len(user.tokens(t)) == 1
	})
}

// makeDue makes what is to be done with a user's deliveries due now.
func makeDue(t *testing.T, user signedIn) {
	t.Helper()
	for _, item := range storedOf(t, tables.Deliveries, user.id) {
		id, _ := item["id"].(string)
		if strings.HasPrefix(id, tables.PushesPrefix) {
			continue
		}
		if _, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(physicalName(t, tables.Deliveries.Name)),
			Key: map[string]types.AttributeValue{
				"userId": &types.AttributeValueMemberS{Value: user.id}, "id": &types.AttributeValueMemberS{Value: id},
			},
			UpdateExpression: aws.String("SET dueAt = :now"), ConditionExpression: aws.String("attribute_exists(queue)"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":now": &types.AttributeValueMemberN{Value: "1"}},
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// erasedAlerts erases the user's data: alerts and notifications go, and settings stay.
func erasedAlerts(t *testing.T, user signedIn) {
	t.Helper()
	call(t, "DELETE", "/user/data", user.token, map[string]any{"confirm": "DELETE_ALL_DATA"}).is(t, http.StatusOK, "", "")
	finishErasure(t, user.id)
	// A message from before the erasure comes out of the dead letters.
	queueNamed(t, physicalName(t, "alerts-detect-transaction-changed")).send(t, fmt.Sprintf(
		`{"userId":%q,"transactionId":"erased","kind":"created","after":{"day":%q,"amount":-700,"category":"travel"},"at":%d}`,
		user.id, time.Now().UTC().Format(time.DateOnly), time.Now().Add(-time.Hour).UnixMilli()))
	for _, table := range []*tables.Table{tables.ProactiveAlerts, tables.NotificationHistory, tables.Deliveries} {
		if left := storedOf(t, table, user.id); len(left) != 0 {
			t.Errorf("%s has %v", table.Name, left)
		}
	}
	if left := user.tokens(t); len(left) != 1 {
		t.Errorf("the tokens are %v", left)
	}
	call(t, "POST", "/notifications/send", user.token, map[string]any{"type": "account", "title": "Reminder", "message": "After the erasure"}).isDone(t)
	eventually(t, "a device is still notified, and it counts", func() bool { return len(storedOf(t, tables.Deliveries, user.id)) == 2 })
	user.pays(t, -800)
	eventually(t, "a payment after the erasure alerts", func() bool { return len(user.alerts(t)) > 0 })
	if all := user.alerts(t); len(all) != 1 || strings.Contains(fmt.Sprint(all), "erased") {
		t.Errorf("the alerts are %v", all)
	}
}

// alerts returns the pending alerts.
func (s signedIn) alerts(t *testing.T) (all []map[string]any) {
	t.Helper()
	return s.listed(t, "/alerts/pending", "alerts")
}

// pays enters a payment of today.
func (s signedIn) pays(t *testing.T, amount float64) {
	t.Helper()
	call(t, "POST", "/transactions", s.token, map[string]any{
		"amount": amount, "description": "Rent of St James", "category": "Travel", "type": "debit", "date": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		"merchant": "Landlord", "currency": "GBP", "accountId": "manual", "bankName": "Manual Entry", "accountType": "Manual Account",
	}).is(t, http.StatusOK, "", "")
}

// pushedTo returns the messages that Expo took for a phone.
func pushedTo(t *testing.T, phone string) (all []map[string]any) {
	t.Helper()
	var taken []map[string]any
	callFakes(t, "GET", "/-/expo/messages", nil, &taken)
	for _, message := range taken {
		if message["to"] == "ExponentPushToken["+phone+"]" {
			all = append(all, message)
		}
	}
	return all
}
