package lambdas_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/erasure"
	"github.com/expenzez/infrastructure/lambdas/internal/store"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// idleEvents do nothing with the items that the requests leave. Tests of their packages
// show that they write nothing after an erasure, and something without one.
var idleEvents = map[string]string{
	"alerts-bills: queue alerts-bill-visits":       "alerts.TestVisit_DuringAnErasure_AlertsOfNothing",
	"bills-detect: topic transaction-changed":      "bills.TestRun_DuringAnErasure_WritesNothingUntilItsEnd",
	"briefs-make: queue brief-requests":            "briefs.TestMake_ErasureBetweenReadAndWrite_StoresNothing",
	"budgets-alerts: topic transaction-changed":    "budgets.TestEvaluate_DuringAnErasure_WritesNothingUntilItsEnd",
	"transactions-import-parts: topic import-part": "transactions.TestImportParts_DuringAnErasure_WriteNothing",
}

// Each message and upload is from before an erasure, which goes on, so that what it is about
// is still there. No consumer writes user content, publishes or sends anything. The same
// message without an erasure shows that the consumer would.
func TestEvents_SourceErased_WriteAndSendNothing(t *testing.T) {
	c := newMeasuredCaller(t)
	for _, request := range measuredRequests() {
		c.begin(t, request.prepare)
		c.call(t, request)
	}
	c.forgetLimits(t)
	for _, event := range consumed(t) {
		c.begin(t, event.prepare)
		c.setErasure(t, true)
		before := c.contents(t)
		if c.receive(t, event); !maps.Equal(before, c.contents(t)) || c.sent() {
			t.Errorf("%s: after the erasure it called %v", event.key(), c.meter.operation.Calls)
		}
		c.setErasure(t, false)
		c.receive(t, event)
		if does := !maps.Equal(before, c.contents(t)) || c.sent(); does == (idleEvents[event.key()] != "") {
			t.Errorf("%s: without an erasure it called %v", event.key(), c.meter.operation.Calls)
		}
	}
}

// consumed returns an event of each consumer of messages and uploads, but for error reports,
// which are of no user.
func consumed(t *testing.T) (found []measuredEvent) {
	t.Helper()
	all := measuredEvents()
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, event := range f.Events {
				if !event.Batched() || event.Changes != nil || event.Queue == function.ErrorReports.Queue {
					continue
				}
				i := slices.IndexFunc(all, func(m measuredEvent) bool { return m.function == f.Name && m.event == event.Key })
				if i < 0 {
					t.Fatalf("no %s of %s is measured", event.Key, f.Name)
				}
				found = append(found, all[i])
			}
		}
	}
	return found
}

// setErasure begins an erasure of the user whose boundary is later than every source, or
// takes it away.
func (c *measuredCaller) setErasure(t *testing.T, begun bool) {
	t.Helper()
	change := &dynamodb.UpdateItemInput{
		TableName: &tables.Users.Name, Key: map[string]types.AttributeValue{"userId": &types.AttributeValueMemberS{Value: c.known["{USER}"]}},
		UpdateExpression: aws.String("REMOVE dataErasedBefore, dataErasedAt"),
	}
	if begun {
		change.UpdateExpression = aws.String("SET dataErasedBefore = :boundary, dataErasedAt = :never")
		change.ExpressionAttributeValues = map[string]types.AttributeValue{
			":boundary": &types.AttributeValueMemberN{Value: "1000000000000000"}, ":never": &types.AttributeValueMemberN{Value: fmt.Sprint(int64(tables.ErasureUnfinished))},
		}
	}
	if _, err := dynamodb.NewFromConfig(c.unmetered).UpdateItem(t.Context(), change); err != nil {
		t.Fatal(err)
	}
}

// contents returns the time of the last write of each item with user content.
func (c *measuredCaller) contents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, table := range erasure.Content() {
		for pages := dynamodb.NewScanPaginator(dynamodb.NewFromConfig(c.unmetered), &dynamodb.ScanInput{TableName: &table.Name}); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				key := fmt.Sprintf("%s %+v %+v", table.Name, item[table.PartitionKey.Name], item[table.SortKey.Name])
				found[key] = fmt.Sprintf("%+v", item[store.WrittenAt])
			}
		}
	}
	return found
}

// receive delivers an event, whatever its function answers.
func (c *measuredCaller) receive(t *testing.T, event measuredEvent) {
	t.Helper()
	c.meter.operation.Calls = nil
	served := c.handlerOf(t, func(f *function.Function) bool { return f.Name == event.function })
	if _, err := served.Invoke(t.Context(), payloadOf(event, c.fill(event.body))); err != nil {
		t.Fatalf("%s: %v\n%s", event.key(), err, &c.log)
	}
}

// sent reports whether the functions published, pushed or mailed anything.
func (c *measuredCaller) sent() bool {
	return slices.ContainsFunc(c.meter.operation.Calls, func(call string) bool {
		return call == "Expo" || strings.HasPrefix(call, "SNS.") || strings.HasPrefix(call, "SESv2.")
	})
}
