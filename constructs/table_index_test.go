package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleSecureTable_localIndexes() {
	stack := newStack()
	payments := constructs.NewSecureTable(stack, "Payments", &constructs.SecureTableProps{
		Name:         "shop-prod-payments",
		PartitionKey: constructs.TableKey{Name: "userId"},
		SortKey:      constructs.TableKey{Name: "paymentId"},
		LocalIndexes: []constructs.LocalIndex{{
			Name:       "by-date",
			SortKey:    constructs.TableKey{Name: "date"},
			Projection: constructs.ProjectAll,
		}},
		MaxReadUnits:  4000,
		MaxWriteUnits: 1000,
	})
	list := payments.AllowIndex("by-date", constructs.Query)
	fmt.Println(list[0].Sid, list[0].Actions)
	// Output: PaymentsIndexByDate [dynamodb:Query]
}

func TestSecureTable_LocalIndexesAndCaps_AreInTheTemplate(t *testing.T) {
	props := replicated()
	props.Replicas = nil
	table := only(t, build(func(stack awscdk.Stack) { constructs.NewSecureTable(stack, "Orders", props) }), "AWS::DynamoDB::Table")
	equal(t, "local indexes", at(table, "Properties", "LocalSecondaryIndexes"), `[{"IndexName": "by-amount",
		"KeySchema": [{"AttributeName": "userId", "KeyType": "HASH"}, {"AttributeName": "amount", "KeyType": "RANGE"}],
		"Projection": {"ProjectionType": "KEYS_ONLY"}}]`)
	const caps = `{"MaxReadRequestUnits": 400, "MaxWriteRequestUnits": 200}`
	equal(t, "cap of the table", at(table, "Properties", "OnDemandThroughput"), caps)
	equal(t, "cap of the index", at(table, "Properties", "GlobalSecondaryIndexes", 0, "OnDemandThroughput"), caps)
}

func TestSecureTable_LocalIndexesDynamoDBDoesNotHave_AreRefused(t *testing.T) {
	date := constructs.TableKey{Name: "date"}
	for name, tc := range map[string]struct {
		sortKey string
		indexes []constructs.LocalIndex
		props   []string
	}{
		"table without sort key": {"", []constructs.LocalIndex{{Name: "by-date", SortKey: date}}, []string{"LocalIndexes"}},
		"no sort key":            {"id", []constructs.LocalIndex{{Name: "by-date"}}, []string{"LocalIndexes[0].SortKey.Name"}},
		"name twice": {"id", []constructs.LocalIndex{{Name: "by-status", SortKey: date}},
			[]string{"LocalIndexes[0].Name"}},
		"attributes without projection": {"id", []constructs.LocalIndex{{Name: "by-date", SortKey: date, Attributes: []string{"amount"}}},
			[]string{"LocalIndexes[0].Attributes"}},
		"six": {"id", []constructs.LocalIndex{{Name: "aaa", SortKey: date}, {Name: "bbb", SortKey: date}, {Name: "ccc", SortKey: date},
			{Name: "ddd", SortKey: date}, {Name: "eee", SortKey: date}, {Name: "fff", SortKey: date}}, []string{"LocalIndexes"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, func() {
				constructs.NewSecureTable(newStack(), "Orders", &constructs.SecureTableProps{
					Name: "orders", PartitionKey: constructs.TableKey{Name: "userId"}, SortKey: constructs.TableKey{Name: tc.sortKey},
					Indexes:      []constructs.TableIndex{{Name: "by-status", PartitionKey: constructs.TableKey{Name: "status"}}},
					LocalIndexes: tc.indexes,
				})
			}, tc.props...)
		})
	}
}
