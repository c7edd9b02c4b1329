package changes_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/delivery/changes"
	"github.com/expenzez/infrastructure/internal/cost"
)

// commit is what a snapshot of a small app has: one stack in each stage.
type commit struct {
	Stack     string // the stack's name with %s for the stage
	Resources map[string]any
	Access    changes.Access
	Costs     map[string]cost.Report
	Contract  string
}

const contract = `openapi: 3.1.0
info: {title: shop, version: "1"}
paths:
  /orders:
    get:
      operationId: listOrders
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, required: [orders], properties: {orders: {type: array, items: {type: string}}}}}}}}
`

// before returns the target branch of every test.
func before() commit {
	costs := map[string]cost.Report{}
	for _, stage := range changes.Stages() {
		costs[stage] = cost.Report{Stage: stage, BudgetUSD: 100, FixedUSD: 80,
			Operations: []cost.OperationCost{{Key: "GET /orders", USD: 4}},
			Growth:     []cost.Growth{{Name: "small", Users: 1000, VariableUSD: 2}}}
	}
	return commit{
		Stack: "shop-%s-core",
		Resources: map[string]any{
			"Orders": map[string]any{"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain", "Properties": map[string]any{
				"KeySchema": []any{map[string]any{"AttributeName": "id", "KeyType": "HASH"}}}},
			"Version1": map[string]any{"Type": "AWS::Lambda::Version", "Properties": map[string]any{"FunctionName": "list"}},
		},
		Access:   changes.Access{"orders-list": {"dynamodb:Query on table Orders", "is called by signed-in: GET /orders"}},
		Costs:    costs,
		Contract: contract,
	}
}

// write writes the snapshot, with an assembly that the CDK CLI reads.
func write(t *testing.T, c commit) changes.Snapshot {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, value any) {
		t.Helper()
		text, is := value.(string)
		if !is {
			encoded, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			text = string(encoded)
		}
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, stage := range changes.Stages() {
		stack := fmt.Sprintf(c.Stack, stage)
		put(stage+"/"+stack+".template.json", map[string]any{"Resources": c.Resources})
		put(stage+"/manifest.json", map[string]any{"version": "48.0.0", "artifacts": map[string]any{stack: map[string]any{
			"type": "aws:cloudformation:stack", "environment": "aws://111111111111/eu-west-2",
			"properties": map[string]any{"templateFile": stack + ".template.json"}}}})
	}
	put("access.json", c.Access)
	put("costs.json", c.Costs)
	put("openapi.yaml", c.Contract)
	snapshot, err := changes.OpenSnapshot(dir)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

func TestOpenSnapshot_OtherFolder_SaysHowToMakeOne(t *testing.T) {
	if _, err := changes.OpenSnapshot(t.TempDir()); err == nil || !strings.Contains(err.Error(), "make snapshot OUT=") {
		t.Errorf("got %v", err)
	}
}

func TestWrite_FolderThatExists_IsRefused(t *testing.T) {
	err := changes.Write(".", t.TempDir(), func(string, string) error { t.Error("synthesized"); return nil })
	if err == nil || !strings.Contains(err.Error(), "name a new folder") {
		t.Errorf("got %v", err)
	}
}
