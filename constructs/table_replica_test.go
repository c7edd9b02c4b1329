package constructs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

const replicaKeyARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// replicated is a table with everything a replica must carry along.
func replicated() *constructs.SecureTableProps {
	return &constructs.SecureTableProps{
		Name:         "orders",
		PartitionKey: constructs.TableKey{Name: "userId"},
		SortKey:      constructs.TableKey{Name: "placedAt"},
		Indexes:      []constructs.TableIndex{{Name: "by-status", PartitionKey: constructs.TableKey{Name: "status"}}},
		LocalIndexes: []constructs.LocalIndex{{Name: "by-amount", SortKey: constructs.TableKey{Name: "amount", Type: constructs.NumberAttribute}}},
		Replicas:     []constructs.TableReplica{{Region: "eu-west-1", KeyARN: replicaKeyARN}},
		MaxReadUnits: 400, MaxWriteUnits: 200,
	}
}

func ExampleSecureTable_replicas() {
	stack := newStack()
	orders := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		Name:         "shop-prod-orders",
		PartitionKey: constructs.TableKey{Name: "userId"},
		Replicas: []constructs.TableReplica{{
			Region: "eu-west-1",
			KeyARN: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
		}},
	})
	fmt.Println(orders.Allow(constructs.GetItem)[0].Actions)
	// Output: [dynamodb:GetItem]
}

func TestSecureTable_Replicas_AreProtectedInEveryRegion(t *testing.T) {
	template := build(func(stack awscdk.Stack) { constructs.NewSecureTable(stack, "Orders", replicated()) })
	table := only(t, template, "AWS::DynamoDB::GlobalTable")
	equal(t, "DeletionPolicy", table["DeletionPolicy"], `"Retain"`)
	equal(t, "type of encryption", at(table, "Properties", "SSESpecification"), `{"SSEEnabled": true, "SSEType": "KMS"}`)
	equal(t, "write cap", at(table, "Properties", "WriteOnDemandThroughputSettings"), `{"MaxWriteRequestUnits": 200}`)
	equal(t, "stream", at(table, "Properties", "StreamSpecification"), `{"StreamViewType": "NEW_AND_OLD_IMAGES"}`)
	replicas, _ := at(table, "Properties", "Replicas").([]any)
	if len(replicas) != 2 {
		t.Fatalf("the table has %d replicas, want its own and one", len(replicas))
	}
	for _, replica := range replicas {
		region, _ := at(replica, "Region").(string)
		equal(t, region+" recovery", at(replica, "PointInTimeRecoverySpecification"),
			`{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35}`)
		equal(t, region+" protection", at(replica, "DeletionProtectionEnabled"), `true`)
		equal(t, region+" read cap", at(replica, "ReadOnDemandThroughputSettings"), `{"MaxReadRequestUnits": 400}`)
		equal(t, region+" tags", at(replica, "Tags"), `[{"Key": "backup-plan", "Value": "daily"}]`)
		if at(replica, "SSESpecification", "KMSMasterKeyId") == nil {
			t.Errorf("the replica in %s has no key", region)
		}
	}
}

func TestSecureTable_ReplicasThatAreUnsafe_AreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*constructs.SecureTableProps)
		props []string
	}{
		"own Region":        {func(p *constructs.SecureTableProps) { p.Replicas[0].Region = "eu-west-2" }, []string{"Replicas[0].Region", "Replicas[0].KeyARN"}},
		"no key":            {func(p *constructs.SecureTableProps) { p.Replicas[0].KeyARN = "" }, []string{"Replicas[0].KeyARN"}},
		"key elsewhere":     {func(p *constructs.SecureTableProps) { p.Replicas[0].KeyARN = keyARN }, []string{"Replicas[0].KeyARN"}},
		"Region twice":      {func(p *constructs.SecureTableProps) { p.Replicas = append(p.Replicas, p.Replicas[0]) }, []string{"Replicas[1].Region"}},
		"no Region":         {func(p *constructs.SecureTableProps) { p.Replicas[0].Region = "Ireland" }, []string{"Replicas[0].Region", "Replicas[0].KeyARN"}},
		"another stream":    {func(p *constructs.SecureTableProps) { p.Stream = constructs.StreamKeysOnly }, []string{"Stream"}},
		"negative read cap": {func(p *constructs.SecureTableProps) { p.MaxReadUnits = -1 }, []string{"MaxReadUnits"}},
	} {
		t.Run(name, func(t *testing.T) {
			props := replicated()
			tc.spoil(props)
			refused(t, func() { constructs.NewSecureTable(newStack(), "Orders", props) }, tc.props...)
		})
	}
	t.Run("stack of unknown Region", func(t *testing.T) {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("shop"), nil)
		refused(t, func() { constructs.NewSecureTable(stack, "Orders", replicated()) }, "Replicas")
	})
}
