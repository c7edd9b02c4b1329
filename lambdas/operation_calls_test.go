package lambdas_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/internal/cost"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

var update = flag.Bool("update", false, "write internal/cost/operations.json and docs/tables.md anew")

// The cost of a request is computed from these numbers (docs/cost.md).
func TestOperations_AWSCalls_AreRecorded(t *testing.T) {
	c := newMeasuredCaller(t)
	requests := map[string]cost.Operation{}
	for _, request := range measuredRequests() {
		requests[request.key] = c.twice(t, func() cost.Operation { return c.try(t, request) })
	}
	events := map[string]cost.Operation{}
	for _, event := range measuredEvents() {
		events[event.key()] = c.twice(t, func() cost.Operation { return c.tryEvent(t, event) })
	}
	for _, check := range []struct {
		file     string
		measured map[string]cost.Operation
		recorded func() (map[string]cost.Operation, error)
	}{{"operations.json", requests, cost.Operations}, {"events.json", events, cost.Events}} {
		recorded, err := check.recorded()
		if err != nil {
			t.Fatal(err)
		}
		keepLogBytes(check.measured, recorded)
		if *update {
			writeMeasured(t, check.file, check.measured)
			continue
		}
		compareMeasured(t, check.measured, recorded)
	}
}

func writeMeasured(t *testing.T, file string, measured map[string]cost.Operation) {
	t.Helper()
	text, err := json.MarshalIndent(measured, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("..", "internal", "cost", file), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// keepLogBytes keeps recorded numbers that are near, because lines of the log have times of
// varying length.
func keepLogBytes(measured, recorded map[string]cost.Operation) {
	for key, now := range measured {
		before := recorded[key].LogBytes
		if near := now.LogBytes > before*3/4 && now.LogBytes < before*5/4; near {
			now.LogBytes = before
			measured[key] = now
		}
	}
}

func compareMeasured(t *testing.T, measured, recorded map[string]cost.Operation) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(measured)) {
		now, before := measured[key], recorded[key]
		if !slices.Equal(now.Calls, before.Calls) || now.Reads != before.Reads || now.Writes != before.Writes || now.KMS != before.KMS || now.LogBytes != before.LogBytes {
			t.Errorf("%s: causes %+v, recorded is %+v: run go test ./lambdas -run TestOperations_AWSCalls -update", key, now, before)
		}
	}
	for key := range recorded {
		if _, is := measured[key]; !is {
			t.Errorf("%s: is recorded, and no longer measured", key)
		}
	}
}

// twice tries with cold environments and again, and returns what the second, warm try
// caused, with the calls to KMS of the first.
func (c *measuredCaller) twice(t *testing.T, try func() cost.Operation) cost.Operation {
	clear(c.handlers)
	c.forgetLimits(t)
	c.cold = true
	cold := try()
	c.cold = false
	warm := try()
	warm.KMS = max(cold.KMS, warm.KMS)
	return warm
}

// units returns the request units of a call whose items are of one unit. A write counts every index of its
// table, since it may change each.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
func units(input any) (reads, writes float64) {
	switch in := input.(type) {
	case *dynamodb.GetItemInput:
		return readUnits(in.ConsistentRead), 0
	case *dynamodb.QueryInput:
		return readUnits(in.ConsistentRead), 0
	case *dynamodb.BatchGetItemInput:
		for _, table := range in.RequestItems {
			reads += readUnits(table.ConsistentRead) * float64(len(table.Keys))
		}
	case *dynamodb.PutItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.UpdateItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.DeleteItemInput:
		return 0, writeUnits(in.TableName)
	case *dynamodb.TransactWriteItemsInput:
		for _, item := range in.TransactItems {
			writes += 2 * transactedUnits(item)
		}
	}
	return reads, writes
}

func transactedUnits(item types.TransactWriteItem) float64 {
	switch {
	case item.Put != nil:
		return writeUnits(item.Put.TableName)
	case item.Update != nil:
		return writeUnits(item.Update.TableName)
	case item.Delete != nil:
		return writeUnits(item.Delete.TableName)
	}
	return 1 // a condition check
}

func readUnits(consistent *bool) float64 {
	if aws.ToBool(consistent) {
		return 1
	}
	return 0.5
}

func writeUnits(name *string) float64 {
	for _, table := range tables.All() {
		if table.Name == aws.ToString(name) {
			return 1 + float64(len(table.Indexes))
		}
	}
	return 1
}
