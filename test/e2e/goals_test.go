package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// goalForm is what the screen of goals sends.
func goalForm(title string, target, current float64) map[string]any {
	return map[string]any{
		"title": title, "description": "For the summer", "targetAmount": target, "currentAmount": current,
		"targetDate": time.Now().AddDate(1, 0, 0).UTC().Format(time.DateOnly) + "T00:00:00.000Z", "category": "major purchase",
	}
}

// createGoal creates a goal and returns its id.
func (s signedIn) createGoal(t *testing.T, title string, target, current float64) string {
	t.Helper()
	got := call(t, "POST", "/goals", s.token, goalForm(title, target, current))
	got.is(t, http.StatusOK, "", "")
	made, _ := got.body["goal"].(map[string]any)
	id, _ := made["goalId"].(string)
	return id
}

// goalsIn returns the goals of a list, and the titles in its order.
func (s signedIn) goalsIn(t *testing.T, list string) (goals []map[string]any, titles []string) {
	t.Helper()
	got := call(t, "GET", "/goals", s.token, nil)
	got.is(t, http.StatusOK, "", "")
	listed, _ := got.body[list].([]any)
	for _, one := range listed {
		goal, _ := one.(map[string]any)
		title, _ := goal["title"].(string)
		goals, titles = append(goals, goal), append(titles, title)
	}
	return goals, titles
}

// goalLifecycle creates, edits, pauses and deletes goals, in the app's forms and in the legacy
// ones. Each list after a write shows the write.
func goalLifecycle(t *testing.T) {
	emmy := newSignedInUser(t, "goals.emmy")
	piano := emmy.createGoal(t, "Piano", 1000, 0)
	repeated := emmy.createGoal(t, "Piano", 1000, 0) // a second tap
	trip := emmy.createGoal(t, "Trip", 50, 0)
	if _, titles := emmy.goalsIn(t, "activeGoals"); repeated != piano || !slices.Equal(titles, []string{"Trip", "Piano"}) {
		t.Errorf("the goals are %v", titles)
	}
	call(t, "PUT", "/goals/"+piano, emmy.token, map[string]any{"title": "Grand piano", "targetAmount": 2000}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/goals/"+piano, emmy.token, map[string]any{"currentAmount": 0.1 + 0.2}).is(t, http.StatusOK, "", "")
	call(t, "PUT", "/goals/"+piano, emmy.token, map[string]any{"isActive": false}).is(t, http.StatusOK, "", "")
	active, titles := emmy.goalsIn(t, "activeGoals")
	if !slices.Equal(titles, []string{"Trip", "Grand piano"}) || active[1]["currentAmount"] != 0.3 || active[1]["isActive"] != false || active[1]["type"] != "major_purchase" {
		t.Errorf("the goals are %v", active)
	}
	if progress, _ := emmy.goalsIn(t, "goalProgress"); len(progress) != 2 || progress[1]["goalId"] != piano || progress[1]["amountRemaining"] != 1999.7 {
		t.Errorf("the progress is %v", progress)
	}

	own := "/goals/" + emmy.id
	house := goalForm("House", 5000, 0)
	delete(house, "currentAmount")
	house["type"], house["priority"] = "custom", "low"
	made := call(t, "POST", own, emmy.token, house)
	made.is(t, http.StatusOK, "", "")
	houseID, _ := made.body["goalId"].(string)
	call(t, "PUT", own+"/"+houseID, emmy.token, map[string]any{"priority": "high"}).is(t, http.StatusOK, "", "")
	gift := map[string]any{"amount": 12.5, "source": "gift", "timestamp": "2026-11-01T10:00:00Z"}
	for range 2 { // the second is the same contribution
		got := call(t, "POST", own+"/"+houseID+"/contributions", emmy.token, gift)
		got.is(t, http.StatusOK, "", "")
		if got.body["amountRemaining"] != 4987.5 {
			t.Errorf("the contribution answered %s", got.text)
		}
	}
	behindItsDate(t, emmy, houseID)
	othersGoal(t, emmy, piano)
	call(t, "DELETE", own+"/"+houseID, emmy.token, nil).isDone(t)
	call(t, "DELETE", "/goals/"+trip, emmy.token, nil).isDone(t)
	if _, titles := emmy.goalsIn(t, "activeGoals"); !slices.Equal(titles, []string{"Grand piano"}) {
		t.Errorf("left are %v", titles)
	}
}

// behindItsDate makes a goal a month older, so that too little is saved, and reads what is
// recommended. The user has no transactions.
func behindItsDate(t *testing.T, user signedIn, goal string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(physicalName(t, tables.Goals.Name)),
		Key: map[string]types.AttributeValue{
			"userId": &types.AttributeValueMemberS{Value: user.id}, "goalId": &types.AttributeValueMemberS{Value: goal},
		},
		UpdateExpression:          aws.String("SET createdAt = createdAt - :month"),
		ConditionExpression:       aws.String("attribute_exists(createdAt)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":month": &types.AttributeValueMemberN{Value: "2592000000"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if advice, titles := user.goalsIn(t, "recommendations"); !slices.Equal(titles, []string{"House"}) || advice[0]["basedOnIncome"] != false {
		t.Errorf("recommended is %v", advice)
	}
}

// othersGoal has another user try everything with a goal: it is answered like a goal
// that does not exist.
func othersGoal(t *testing.T, owner signedIn, goal string) {
	t.Helper()
	eve := newSignedInUser(t, "eve.goals")
	legacy := goalForm("House", 5000, 0)
	legacy["type"], legacy["priority"] = "custom", "low"
	gift := map[string]any{"amount": 1, "source": "gift", "timestamp": "2026-11-01T10:00:00Z"}
	for _, theirs := range []struct {
		method, path, none string
		body               any
	}{
		{"PUT", "/goals/" + goal, "/goals/none", map[string]any{"title": "Mine"}},
		{"DELETE", "/goals/" + goal, "/goals/none", nil},
		{"POST", "/goals/" + owner.id, "/goals/none", legacy},
		{"PUT", "/goals/" + owner.id + "/" + goal, "/goals/" + eve.id + "/none", map[string]any{"title": "Mine"}},
		{"DELETE", "/goals/" + owner.id + "/" + goal, "/goals/" + eve.id + "/none", nil},
		{"POST", "/goals/" + owner.id + "/" + goal + "/contributions", "/goals/" + eve.id + "/none/contributions", gift},
	} {
		got, none := call(t, theirs.method, theirs.path, eve.token, theirs.body), call(t, theirs.method, theirs.none, eve.token, theirs.body)
		got.isNested(t, http.StatusNotFound, "GOAL_NOT_FOUND")
		none.isNested(t, http.StatusNotFound, "GOAL_NOT_FOUND")
	}
	if _, titles := owner.goalsIn(t, "activeGoals"); !slices.Contains(titles, "Grand piano") {
		t.Errorf("the owner's goals are %v", titles)
	}
}

// storedOf returns the items that a table has of a user, oldest key first.
func storedOf(t *testing.T, table *tables.Table, userID string) []map[string]any {
	t.Helper()
	out, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(physicalName(t, table.Name)), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("#key = :user"),
		ExpressionAttributeNames:  map[string]string{"#key": table.PartitionKey.Name},
		ExpressionAttributeValues: map[string]types.AttributeValue{":user": &types.AttributeValueMemberS{Value: userID}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var items []map[string]any
	if err := attributevalue.UnmarshalListOfMaps(out.Items, &items); err != nil {
		t.Fatal(err)
	}
	return items
}

// eventually waits for what functions do by themselves.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("after 30 s it does not hold that %s", what)
}

// reachedGoal reaches a goal: it leads to one notification and one achievement, without
// any text of the user, and once for the goal.
func reachedGoal(t *testing.T) {
	sofia := newSignedInUser(t, "goals.sofia")
	goal := sofia.createGoal(t, "Novel", 20, 0)
	for _, total := range []float64{20, 5, 25} {
		call(t, "PUT", "/goals/"+goal, sofia.token, map[string]any{"currentAmount": total}).is(t, http.StatusOK, "", "")
	}
	if _, titles := sofia.goalsIn(t, "completedGoals"); !slices.Equal(titles, []string{"Novel"}) {
		t.Errorf("completed are %v", titles)
	}
	second := sofia.createGoal(t, "Reached at once", 1, 1)
	eventually(t, "both goals have a notification and an achievement", func() bool {
		return len(storedOf(t, tables.NotificationHistory, sofia.id)) >= 2 && len(storedOf(t, tables.Achievements, sofia.id)) >= 3
	})
	notifications, achievements := storedOf(t, tables.NotificationHistory, sofia.id), storedOf(t, tables.Achievements, sofia.id)
	if len(notifications) != 2 || notifications[0]["goalId"] != goal || notifications[1]["goalId"] != second || notifications[0]["amount"] != 20.0 {
		t.Errorf("the notifications are %v", notifications)
	}
	if len(achievements) != 3 || achievements[0]["id"] != tables.AchievementCountersID || achievements[0]["goalsReached"] != 2.0 {
		t.Errorf("the achievements are %v", achievements)
	}
	listed := call(t, "GET", "/achievements", sofia.token, nil)
	listed.is(t, http.StatusOK, "", "")
	newest, _ := listed.body["newAchievements"].([]any)
	if progress, _ := listed.body["progress"].(map[string]any); len(newest) != 2 || progress["totalPoints"] != 50.0 || progress["pointsToNextLevel"] != 50.0 {
		t.Errorf("listed are %s", listed.text)
	}
}

// erasedGoals erases a user's data: goals go, and what they led to.
func erasedGoals(t *testing.T) {
	maria := newSignedInUser(t, "goals.maria")
	maria.createGoal(t, "Curve", 10, 10)
	maria.createGoal(t, "Tangent", 10, 1)
	eventually(t, "the goal has a notification, an achievement and an alert", func() bool {
		return len(storedOf(t, tables.NotificationHistory, maria.id)) == 1 && len(storedOf(t, tables.Achievements, maria.id)) == 2 &&
			len(storedOf(t, tables.ProactiveAlerts, maria.id)) == 1
	})
	erased := call(t, "DELETE", "/user/data", maria.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	if erased.body["rowsDeleted"] != 6.0 { // two goals, a notification, an alert, an achievement and the counters
		t.Errorf("erased %s", erased.text)
	}
	after := maria.createGoal(t, "Afterwards", 10, 0)
	finishErasure(t, maria.id)
	if left, _ := maria.goalsIn(t, "activeGoals"); len(left) != 1 || left[0]["goalId"] != after {
		t.Errorf("left are %v", left)
	}
	for place, text := range everythingStored(t) {
		if slices.Contains([]string{tables.NotificationHistory.Name, tables.Achievements.Name}, place) && strings.Contains(text, maria.id) {
			t.Errorf("%s still has items of the user", place)
		}
	}
}
