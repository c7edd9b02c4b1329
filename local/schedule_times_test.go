package local_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/expenzez/infrastructure/local"
)

func TestSchedules_ZonesDatesAndGroups_AreKept(t *testing.T) {
	stage := bareStage(t)
	kolkata := time.FixedZone("Asia/Kolkata", 5*3600+1800)
	due := time.Now().In(kolkata).Add(-time.Second).Format("2006-01-02T15:04:05")
	stack := deployTemplate(t, "schedules", strings.ReplaceAll(readTemplate(t, "schedules"), "DUE", due))
	get := func(name string) (string, map[string]any) {
		return callAs(t, "schedules-caller", "scheduler", "get_schedule", fmt.Sprintf(`{"GroupName":"reminders","Name":%q}`, name))
	}

	code, later := get("later")
	if start := fmt.Sprint(later["StartDate"]); code != "" || !strings.HasPrefix(start, "2099-01-01") {
		t.Errorf("a schedule of the group answered %q, with the start %s", code, start)
	}
	if got := receive(t, stack["Results"], 1); got[0] != "due" {
		t.Errorf("the queue got %q", got)
	}
	const session = "arn:aws:sts::000000000000:assumed-role/schedules-sender/"
	requireJudged(t, stage, session+"due", judged{"sqs:SendMessage", stack["ResultsArn"], "allowed"}, time.Time{})
	requireJudged(t, stage, session+"denied", judged{"sqs:SendMessage", stack["ClosedArn"], "denied"}, time.Time{})
	if code, _ := get("due"); code != "ResourceNotFoundException" {
		t.Errorf("the completed schedule answered %q", code)
	}
	got, err := sqs.NewFromConfig(stage.AWSConfig(local.Region)).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(stack["Closed"])})
	if err != nil || len(got.Messages) > 0 {
		t.Errorf("a queue was sent to without the right: %v", err)
	}
}

// A schedule's clock changes with its zone: on 28 March 2027 London's goes from 01:00
// to 02:00, on 31 October from 02:00 to 01:00.
func TestSchedules_CronInAZone_FollowsTheClock(t *testing.T) {
	cases := []struct{ Expression, Zone, After, Want string }{
		{"cron(0 9 * * ? *)", "Europe/London", "2027-01-15T00:00:00+00:00", "2027-01-15T09:00:00+00:00"},
		{"cron(0 9 * * ? *)", "Europe/London", "2027-07-15T00:00:00+00:00", "2027-07-15T08:00:00+00:00"},
		{"cron(30 1 * * ? *)", "Europe/London", "2027-03-28T00:00:00+00:00", "2027-03-29T00:30:00+00:00"}, // no 01:30 on the 28th
		{"cron(30 1 * * ? *)", "Europe/London", "2027-10-31T00:00:00+00:00", "2027-10-31T00:30:00+00:00"},
		{"cron(30 1 * * ? *)", "Europe/London", "2027-10-31T00:30:00+00:00", "2027-11-01T01:30:00+00:00"}, // the second 01:30 is not run
		{"cron(0 9 1 * ? *)", "Asia/Kolkata", "2027-01-31T20:00:00+00:00", "2027-02-01T03:30:00+00:00"},
	}
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	bareStage(t) // installs the engine
	cmd := exec.CommandContext(t.Context(), root+"/.local/venv/bin/python", "-B", "-c", `
import datetime, json, sys, zoneinfo
from ministack.services import eventbridge
from patches.schedule_times import next_cron
for c in json.loads(sys.argv[1]):
    moment = next_cron(eventbridge._cron_next_fire, eventbridge._parse_cron_fields(c["Expression"]),
                       datetime.datetime.fromisoformat(c["After"]).timestamp(), zoneinfo.ZoneInfo(c["Zone"]))
    print("next", datetime.datetime.fromtimestamp(moment, datetime.UTC).isoformat())`, string(input))
	cmd.Dir = root + "/local/engine"
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		if moment, ok := strings.CutPrefix(line, "next "); ok {
			got = append(got, strings.TrimSpace(moment))
		}
	}
	for i, c := range cases {
		if i >= len(got) || got[i] != c.Want {
			t.Errorf("%s in %s after %s: got %v, want %s", c.Expression, c.Zone, c.After, got, c.Want)
		}
	}
}
