package local_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/local"
)

// The probe's schedules and rules are due every minute; each writes an item.
func TestSchedules_WithoutPermission_InvokeNothing(t *testing.T) {
	stage := probeStage(t)
	client := dynamodb.NewFromConfig(stage.AWSConfig(local.Region))
	wrote := func(id string) bool {
		got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: aws.String("probe"), Key: map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return got.Item != nil
	}
	for end := time.Now().Add(150 * time.Second); !wrote("by-schedule") || !wrote("by-rule"); time.Sleep(time.Second) {
		if time.Now().After(end) {
			t.Fatalf("written by the schedule: %v, by the rule: %v; the engine's log: %s", wrote("by-schedule"), wrote("by-rule"), stage.EngineLog())
		}
	}
	time.Sleep(2 * time.Second) // time for the deliveries that must not arrive
	const scheduler = "arn:aws:sts::000000000000:assumed-role/probe-schedule/"
	const silent = "arn:aws:lambda:eu-west-2:000000000000:function:silent"
	requireJudged(t, stage, scheduler+"probe", judged{"lambda:InvokeFunction", output(t, stage, "ProbeAlias"), "allowed"}, time.Time{})
	requireJudged(t, stage, scheduler+"probe-denied", judged{"lambda:InvokeFunction", silent, "denied"}, time.Time{})
	for _, denied := range []string{"by-schedule-without-right", "by-schedule-without-trust", "by-rule-without-permission"} {
		if wrote(denied) {
			t.Errorf("%s was delivered", denied)
		}
	}
}
