package constructs_test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func insight(t *testing.T, mode constructs.ContributorInsights) any {
	t.Helper()
	return at(only(t, build(func(stack awscdk.Stack) {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
			Name: "users", PartitionKey: constructs.TableKey{Name: "id"}, ContributorInsights: mode,
			Indexes: []constructs.TableIndex{{Name: "by-day", PartitionKey: constructs.TableKey{Name: "day"}}},
		})
	}), "AWS::DynamoDB::Table"), "Properties")
}

func TestSecureTable_ContributorInsights_IsOffByDefault(t *testing.T) {
	for mode, want := range map[constructs.ContributorInsights]string{
		"":                                  `null`,
		constructs.ThrottledKeys:            `{"Enabled": true, "Mode": "THROTTLED_KEYS"}`,
		constructs.AccessedAndThrottledKeys: `{"Enabled": true, "Mode": "ACCESSED_AND_THROTTLED_KEYS"}`,
	} {
		properties := insight(t, mode)
		equal(t, "table", at(properties, "ContributorInsightsSpecification"), want)
		equal(t, "index", at(properties, "GlobalSecondaryIndexes", 0, "ContributorInsightsSpecification"), want)
	}
}

func TestSecureTable_UnknownContributorInsights_IsRefused(t *testing.T) {
	refused(t, func() { insight(t, "ALL") }, "ContributorInsights")
}

func TestAllowStream_WithoutStream_IsRefused(t *testing.T) {
	stack := newStack()
	still := constructs.NewSecureTable(stack, "Still", &constructs.SecureTableProps{Name: "still", PartitionKey: constructs.TableKey{Name: "id"}})
	refused(t, func() { still.AllowStream() }, "Stream")
	moving := constructs.NewSecureTable(stack, "Moving", &constructs.SecureTableProps{
		Name: "moving", PartitionKey: constructs.TableKey{Name: "id"}, Stream: constructs.StreamOldImage,
	})
	grant := moving.AllowStream()
	if len(grant) != 1 || grant[0].Sid != "MovingStream" || grant[0].Resources[0] != *moving.Table.TableStreamArn() {
		t.Errorf("the grant is %v", grant)
	}
}
