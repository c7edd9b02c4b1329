package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas/briefs"
	"github.com/expenzez/infrastructure/lambdas/tables"
	"github.com/expenzez/infrastructure/local"
)

// londonTime is the time of users.
func londonTime(t *testing.T) time.Time {
	t.Helper()
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	return time.Now().In(london)
}

// readBrief returns the user's brief of today.
func (s signedIn) readBrief(t *testing.T) map[string]any {
	t.Helper()
	got := call(t, "GET", "/briefs/daily", s.token, nil)
	got.is(t, http.StatusOK, "", "")
	brief, _ := got.body["brief"].(map[string]any)
	return brief
}

// readBriefs reads briefs and reports, which are made when they are missing.
func readBriefs(t *testing.T) {
	for _, operation := range []struct{ method, path string }{
		{"GET", "/briefs/daily"}, {"POST", "/briefs/daily-2026-01-01/view"}, {"GET", "/ai/monthly-report/latest"},
	} {
		call(t, operation.method, operation.path, "", nil).is(t, http.StatusUnauthorized, "", "")
	}
	anna, eve := newSignedInUser(t, "briefs.anna"), newSignedInUser(t, "briefs.eve")
	brief := anna.readBrief(t)
	id, _ := brief["briefId"].(string)
	if id != "daily-"+londonTime(t).Format(time.DateOnly) || brief["viewedAt"] != nil {
		t.Errorf("the brief is %v", brief)
	}
	call(t, "POST", "/briefs/"+id+"/view", eve.token, nil).isNested(t, http.StatusNotFound, "BRIEF_NOT_FOUND")
	call(t, "POST", "/briefs/"+id+"/view", anna.token, nil).isDone(t)
	if brief := anna.readBrief(t); brief["viewedAt"] == nil {
		t.Errorf("the brief is %v", brief)
	}
	none := call(t, "GET", "/ai/monthly-report/latest", anna.token, nil)
	none.is(t, http.StatusOK, "", "")
	call(t, "GET", "/ai/monthly-report/"+londonTime(t).Format("2006-01"), anna.token, nil).isNested(t, http.StatusNotFound, "REPORT_NOT_FOUND")
	call(t, "GET", "/ai/monthly-report/july", anna.token, nil).is(t, http.StatusUnprocessableEntity, "", "")

	spent := transactionForm("Tea", -10)
	month := time.Date(londonTime(t).Year(), londonTime(t).Month()-1, 15, 12, 0, 0, 0, time.UTC)
	spent["date"] = month.Format(time.RFC3339)
	call(t, "POST", "/transactions", anna.token, spent).is(t, http.StatusOK, "", "")
	got := call(t, "GET", "/ai/monthly-report/latest", anna.token, nil)
	got.is(t, http.StatusOK, "", "")
	report, _ := got.body["report"].(map[string]any)
	data, _ := report["reportData"].(map[string]any)
	if none.body["hasReports"] != false || report["reportMonth"] != month.Format("2006-01") || data["totalExpenses"] != 10.0 || data["netFlow"] != -10.0 {
		t.Errorf("before there is %s, then %s", none.text, got.text)
	}
	briefAhead(t, anna)
}

// briefAhead has the schedule request a brief, and a message make one that is missing.
func briefAhead(t *testing.T, reader signedIn) {
	t.Helper()
	runSchedule(t, physicalName(t, briefs.Schedule.Name))
	today := londonTime(t).Format(time.DateOnly)
	forgetBrief(t, reader.id, today)
	requests := queueNamed(t, physicalName(t, briefs.Requests.Name))
	requests.send(t, fmt.Sprintf(`{"userId":"","day":%q}`, today)) // it fails, and waits for its next attempt
	requests.send(t, fmt.Sprintf(`{"userId":%q,"day":%q}`, reader.id, today))
	eventually(t, "the brief is made", func() bool { return len(storedOf(t, tables.Briefs, reader.id)) == 4 }) // with the report and both readers
}

func forgetBrief(t *testing.T, userID, day string) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(stage.AWSConfig(local.Region)).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(physicalName(t, tables.Briefs.Name)),
		Key: map[string]types.AttributeValue{
			"userId": &types.AttributeValueMemberS{Value: userID}, "id": &types.AttributeValueMemberS{Value: tables.DailyBriefPrefix + day},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// erasedBriefs erases a user's data: briefs go, and none is made ahead any more.
func erasedBriefs(t *testing.T) {
	vera := newSignedInUser(t, "briefs.vera")
	vera.readBrief(t)
	erased := call(t, "DELETE", "/user/data", vera.token, map[string]any{"confirm": "DELETE_ALL_DATA"})
	erased.is(t, http.StatusOK, "", "")
	today := londonTime(t).Format(time.DateOnly)
	queueNamed(t, physicalName(t, briefs.Requests.Name)).send(t, fmt.Sprintf(`{"userId":%q,"day":%q}`, vera.id, today))
	finishErasure(t, vera.id)
	if left := storedOf(t, tables.Briefs, vera.id); len(left) != 0 || erased.body["rowsDeleted"] != 1.0 {
		t.Errorf("erased %s, left are %v", erased.text, left)
	}
}
