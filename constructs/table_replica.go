package constructs

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// TableReplica is a copy of a table in another Region. Every copy accepts writes.
// If two Regions write one item within seconds, the later write wins. Conditions
// and transactions apply to their own Region only. So write counters, unique values
// and money in one Region.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
type TableReplica struct {
	// Region is the copy's Region, such as "eu-west-1". Required.
	Region string
	// KeyARN is the ARN of a customer-managed key in that Region, made by a stack
	// there. Required.
	KeyARN string
}

// globalTable makes the table as AWS::DynamoDB::GlobalTable, with the protection
// of a regional table in each Region.
func (t *SecureTable) globalTable(p SecureTableProps) awsdynamodb.ITable {
	keys := map[string]*string{}
	replicas := make([]*awsdynamodb.ReplicaTableProps, len(p.Replicas))
	for i, replica := range p.Replicas {
		keys[replica.Region] = jsii.String(replica.KeyARN)
		replicas[i] = &awsdynamodb.ReplicaTableProps{
			Region:                           jsii.String(replica.Region),
			DeletionProtection:               jsii.Bool(!p.Disposable),
			PointInTimeRecoverySpecification: p.recovery(),
			ContributorInsightsSpecification: p.ContributorInsights.specification(),
			MaxReadRequestUnits:              numberOrNil(p.MaxReadUnits),
		}
	}
	props := &awsdynamodb.TablePropsV2{
		TableName:    jsii.String(p.Name),
		PartitionKey: p.PartitionKey.attribute(),
		SortKey:      p.SortKey.attribute(),
		Billing: awsdynamodb.Billing_OnDemand(&awsdynamodb.MaxThroughputProps{
			MaxReadRequestUnits: numberOrNil(p.MaxReadUnits), MaxWriteRequestUnits: numberOrNil(p.MaxWriteUnits),
		}),
		Encryption:                       awsdynamodb.TableEncryptionV2_CustomerManagedKey(t.encryptionKey(p), &keys),
		PointInTimeRecoverySpecification: p.recovery(),
		TimeToLiveAttribute:              stringOrNil(p.TTLAttribute),
		DynamoStream:                     awsdynamodb.StreamViewType_NEW_AND_OLD_IMAGES,
		ContributorInsightsSpecification: p.ContributorInsights.specification(),
		DeletionProtection:               jsii.Bool(!p.Disposable),
		RemovalPolicy:                    tableRemovalPolicy(p.Disposable),
		Replicas:                         &replicas,
	}
	if len(p.Indexes) > 0 {
		indexes := make([]*awsdynamodb.GlobalSecondaryIndexPropsV2, len(p.Indexes))
		for i, index := range p.Indexes {
			indexes[i] = index.globalTableProps(p)
		}
		props.GlobalSecondaryIndexes = &indexes
	}
	if len(p.LocalIndexes) > 0 {
		indexes := make([]*awsdynamodb.LocalSecondaryIndexProps, len(p.LocalIndexes))
		for i, index := range p.LocalIndexes {
			indexes[i] = index.props()
		}
		props.LocalSecondaryIndexes = &indexes
	}
	return awsdynamodb.NewTableV2(t, jsii.String("Table"), props)
}

// validateReplicas records replicas that cannot be made or that would be less safe
// than the table.
func (p *SecureTableProps) validateReplicas(bad *problems, scope constructs.IConstruct) {
	if len(p.Replicas) == 0 {
		return
	}
	home := ""
	if scope != nil {
		home = regionOf(scope)
		bad.require(home != "", "Replicas", "need a stack whose Region is known; set Env.Region of the stack")
	}
	bad.require(oneOf(p.Stream, "", StreamNewAndOldImages), "Stream",
		"is %q; DynamoDB replicates through a stream of StreamNewAndOldImages", p.Stream)
	seen := map[string]bool{}
	for i, replica := range p.Replicas {
		at := fmt.Sprintf("Replicas[%d]", i)
		bad.require(regionPattern.MatchString(replica.Region), at+".Region", "is %q; use a Region such as eu-west-1", replica.Region)
		bad.require(replica.Region != home || home == "", at+".Region", "%q is the table's own Region", replica.Region)
		bad.require(!seen[replica.Region], at+".Region", "%q has another replica too", replica.Region)
		seen[replica.Region] = true
		bad.require(keyARNPattern.MatchString(replica.KeyARN) && strings.Contains(replica.KeyARN, ":"+replica.Region+":"), at+".KeyARN",
			"is %q; give the ARN of a customer-managed key in %s", replica.KeyARN, replica.Region)
	}
}
