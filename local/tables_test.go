package local_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/local"
)

func TestTables_IndexesAndExpiry_WorkAsOnAWS(t *testing.T) {
	config := bareStage(t).AWSConfig(local.Region)
	client, stack := dynamodb.NewFromConfig(config), deployStack(t, "tables")
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("expiring"), Item: map[string]types.AttributeValue{
		"id": text("old"), "expiresAt": &types.AttributeValueMemberN{Value: "1"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("indexed"), Item: map[string]types.AttributeValue{
		"id": text("1"), "at": text("2027"), "email": text("a@b.c"), "name": text("ada"), "note": text("n"),
	}})
	if err != nil {
		t.Fatal(err)
	}

	for name, c := range map[string]struct {
		index, condition, value, projection string
		selected                            types.Select
		refusal                             string // empty for an answer with the note
	}{
		"all of a global index":                      {"byEmail", "email = :v", "a@b.c", "", types.SelectAllAttributes, "ALL_ATTRIBUTES is not supported"},
		"an attribute that a global index lacks":     {"byEmail", "email = :v", "a@b.c", "note", "", "does not project [note]"},
		"all of a local index":                       {"byName", "id = :v", "1", "", types.SelectAllAttributes, ""},
		"an attribute that a local index must fetch": {"byName", "id = :v", "1", "note", "", ""},
	} {
		input := &dynamodb.QueryInput{
			TableName: aws.String("indexed"), IndexName: &c.index, KeyConditionExpression: &c.condition, Select: c.selected,
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": text(c.value)},
		}
		if c.projection != "" {
			input.ProjectionExpression = &c.projection
		}
		got, err := client.Query(t.Context(), input)
		switch {
		case c.refusal != "" && (err == nil || !strings.Contains(err.Error(), c.refusal)):
			t.Errorf("%s: %v, want a refusal: %s", name, err, c.refusal)
		case c.refusal == "" && (err != nil || len(got.Items) != 1 || got.Items[0]["note"] == nil):
			t.Errorf("%s: answered %+v, %v", name, got, err)
		}
	}

	index := func(name string) types.GlobalSecondaryIndexUpdate {
		return types.GlobalSecondaryIndexUpdate{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: &name, KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("name"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}}
	}
	_, err = client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String("indexed"), GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{index("one"), index("two")},
	})
	var limit *types.LimitExceededException
	if !errors.As(err, &limit) {
		t.Errorf("two indexes in one update: %v", err)
	}
	renamed := strings.Replace(readTemplate(t, "tables"), `"IndexName": "byEmail"`, `"IndexName": "byMail"`, 1)
	stacks := cloudformation.NewFromConfig(config)
	if _, err := stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("tables"), TemplateBody: &renamed, Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
	}); err != nil {
		t.Fatal(err)
	}
	if got := awaitStack(t, stacks, "tables").StackStatus; got != cfntypes.StackStatusUpdateRollbackComplete {
		t.Errorf("a template that replaces an index is %s", got)
	}

	// The engine looks for expired items once a minute.
	var got []string
	for end := time.Now().Add(70 * time.Second); len(got) == 0 && time.Now().Before(end); {
		got = poll(t, stack["Results"])
	}
	if len(got) != 1 || got[0] != "old by dynamodb.amazonaws.com" {
		t.Errorf("the stream told %q", got)
	}
}

// A partition of 20,000 items evaluates the expressions of a query 20,000 times.
func TestExpressions_ParsedOnce_AreFaster(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	bareStage(t) // installs the engine
	cmd := exec.CommandContext(t.Context(), root+"/.local/venv/bin/python", "-B", "-c", `
import time
from ministack.services import dynamodb
import patches.expression_cache

def fastest():
    def once():
        start = time.process_time()
        for _ in range(1000):
            assert dynamodb._evaluate_condition("pk = :p AND begins_with(sk, :s)", {"pk": {"S": "a"}, "sk": {"S": "x1"}},
                                                {":p": {"S": "a"}, ":s": {"S": "x"}}, {}, slot="KeyConditionExpression")
        return time.process_time() - start
    return min(once() for _ in range(5))

before = fastest()
patches.expression_cache.apply()
assert before > 2 * fastest(), (before, fastest())`)
	cmd.Dir = root + "/local/engine"
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
