package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BackupPlanTag is the tag by which a backup selection finds its tables; its
// value is the name of the plan.
const BackupPlanTag = "backup-plan"

// AttributeType is the type of a key attribute, as DynamoDB writes it.
type AttributeType string

// The types a key attribute can have.
const (
	StringAttribute AttributeType = "S"
	NumberAttribute AttributeType = "N"
	BinaryAttribute AttributeType = "B"
)

// Projection says what of an item a secondary index holds.
type Projection string

// The projections an index can have.
const (
	ProjectKeysOnly Projection = "KEYS_ONLY"
	ProjectInclude  Projection = "INCLUDE"
	ProjectAll      Projection = "ALL"
)

// StreamView says what of a changed item the table's stream shows.
type StreamView string

// The views a stream can have.
const (
	StreamKeysOnly        StreamView = "KEYS_ONLY"
	StreamNewImage        StreamView = "NEW_IMAGE"
	StreamOldImage        StreamView = "OLD_IMAGE"
	StreamNewAndOldImages StreamView = "NEW_AND_OLD_IMAGES"
)

// ContributorInsights says for which keys CloudWatch Contributor Insights counts the
// traffic of a table, to find the hot ones. Its graphs show the keys' values in
// plain text, whatever key the table is encrypted with, and it charges for each
// event it counts.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
type ContributorInsights string

// The modes Contributor Insights has.
const (
	// ThrottledKeys counts only what was throttled, which costs
	// next to nothing while nothing is.
	ThrottledKeys ContributorInsights = "THROTTLED_KEYS"
	// AccessedAndThrottledKeys counts every read and write.
	AccessedAndThrottledKeys ContributorInsights = "ACCESSED_AND_THROTTLED_KEYS"
)

// TableKey is a key attribute of a table or an index.
type TableKey struct {
	// Name is the attribute's name. Required in a partition key; a sort key
	// without a name is no sort key.
	Name string
	// Type is the attribute's type. Default: StringAttribute.
	Type AttributeType
}

// SecureTableProps are the props of NewSecureTable.
type SecureTableProps struct {
	// Name is the table's physical name. It is required and must stay the same:
	// CloudFormation replaces a table whose name changes. 3 to 255 characters.
	Name string
	// PartitionKey is the table's partition key. Required.
	PartitionKey TableKey
	// SortKey is the table's sort key. Default: none.
	SortKey TableKey
	// Indexes are the global secondary indexes, at most 20. Default: none.
	Indexes []TableIndex
	// LocalIndexes are the local secondary indexes, at most 5. They are made with
	// the table and cannot be added or removed later. Default: none.
	LocalIndexes []LocalIndex
	// EncryptionKey is a customer-managed key usable through DynamoDB, such as
	// a DataKey with KeyServiceDynamoDB. Default: a DataKey of the table's own,
	// with rotation, under the alias dynamodb/<Name>,
	// in which - and a fingerprint stand for what an alias may not hold.
	EncryptionKey awskms.IKey
	// RecoveryDays is how many days point-in-time recovery reaches back, 1 to
	// 35; it cannot be turned off. Default: 35.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
	RecoveryDays int
	// TTLAttribute is the number attribute holding the Unix second after which
	// DynamoDB deletes an item. Default: none, items stay.
	TTLAttribute string
	// Stream is what the table's stream shows of a change. Default: no stream.
	Stream StreamView
	// ContributorInsights counts the traffic of single keys of the table and of each
	// index. Default: none, since it shows the keys in plain text.
	ContributorInsights ContributorInsights
	// MaxReadUnits and MaxWriteUnits cap the request units a second of the table,
	// and of each global index by itself, so that a fault or an attack costs no more.
	// DynamoDB throttles what exceeds them, as best it can. With Replicas the cap
	// holds in each Region. Default: 0, the account's quota is the cap.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html
	MaxReadUnits  int
	MaxWriteUnits int
	// Replicas are copies of the table in other Regions, which DynamoDB keeps in
	// step within seconds. A table with replicas is a CloudFormation resource of
	// another type: replicas cannot be added to a table that is deployed without
	// (docs/constructs/secure-table.md says how to move). Default: none.
	Replicas []TableReplica
	// BackupPlan is the value of the tag BackupPlanTag. Default: "daily", or no
	// tag where the table is Disposable.
	BackupPlan string
	// Disposable lets the table be deleted, and go with its stack. Default:
	// false, the table is protected from deletion and retained.
	Disposable bool
}

// SecureTable is a DynamoDB table, charged on demand, that is encrypted with a
// customer-managed key, recoverable to any second of the last weeks, tagged for
// backup, and protected from deletion. What may be done with it is granted by
// typed operations on it or on one index.
type SecureTable struct {
	constructs.Construct
	// Table is the DynamoDB table, for alarms and the like; for permissions use
	// Allow, AllowIndex and AllowStream.
	Table awsdynamodb.ITable

	indexes []string
	// keyARN is the key that callers need rights on themselves: that of an
	// imported table. The key of a table made here has them in its policy.
	keyARN string
}

// NewSecureTable makes a SecureTable. It panics with a *PropsError on invalid
// props.
func NewSecureTable(scope constructs.Construct, id string, props *SecureTableProps) *SecureTable {
	p := props.withDefaults()
	p.validate(scope).panicIfAny("SecureTable", scope, id)

	t := &SecureTable{}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	for _, index := range p.Indexes {
		t.indexes = append(t.indexes, index.Name)
	}
	for _, index := range p.LocalIndexes {
		t.indexes = append(t.indexes, index.Name)
	}
	if len(p.Replicas) > 0 {
		t.Table = t.globalTable(p)
	} else {
		t.Table = t.regionalTable(p)
	}
	if p.BackupPlan != "" {
		awscdk.Tags_Of(t.Table).Add(jsii.String(BackupPlanTag), jsii.String(p.BackupPlan), nil)
	}
	return t
}

func (t *SecureTable) regionalTable(p SecureTableProps) awsdynamodb.ITable {
	table := awsdynamodb.NewTable(t, jsii.String("Table"), &awsdynamodb.TableProps{
		TableName:                        jsii.String(p.Name),
		PartitionKey:                     p.PartitionKey.attribute(),
		SortKey:                          p.SortKey.attribute(),
		BillingMode:                      awsdynamodb.BillingMode_PAY_PER_REQUEST,
		MaxReadRequestUnits:              numberOrNil(p.MaxReadUnits),
		MaxWriteRequestUnits:             numberOrNil(p.MaxWriteUnits),
		Encryption:                       awsdynamodb.TableEncryption_CUSTOMER_MANAGED,
		EncryptionKey:                    t.encryptionKey(p),
		PointInTimeRecoverySpecification: p.recovery(),
		TimeToLiveAttribute:              stringOrNil(p.TTLAttribute),
		Stream:                           awsdynamodb.StreamViewType(p.Stream),
		ContributorInsightsSpecification: p.ContributorInsights.specification(),
		DeletionProtection:               jsii.Bool(!p.Disposable),
		RemovalPolicy:                    removalPolicy(p.Disposable),
	})
	for _, index := range p.Indexes {
		table.AddGlobalSecondaryIndex(index.props(p))
	}
	for _, index := range p.LocalIndexes {
		table.AddLocalSecondaryIndex(index.props())
	}
	return table
}

func (p SecureTableProps) recovery() *awsdynamodb.PointInTimeRecoverySpecification {
	return &awsdynamodb.PointInTimeRecoverySpecification{
		PointInTimeRecoveryEnabled: jsii.Bool(true),
		RecoveryPeriodInDays:       jsii.Number(p.RecoveryDays),
	}
}

func (t *SecureTable) encryptionKey(p SecureTableProps) awskms.IKey {
	return keyOrOwn(t, p.EncryptionKey, ownKey{
		service: KeyServiceDynamoDB, aliasPrefix: "dynamodb", kind: "table", name: p.Name, disposable: p.Disposable,
	})
}

func (k ContributorInsights) specification() *awsdynamodb.ContributorInsightsSpecification {
	if k == "" {
		return nil
	}
	return &awsdynamodb.ContributorInsightsSpecification{
		Enabled: jsii.Bool(true),
		Mode:    awsdynamodb.ContributorInsightsMode(k),
	}
}

func (k TableKey) attribute() *awsdynamodb.Attribute {
	if k.Name == "" {
		return nil
	}
	return &awsdynamodb.Attribute{Name: jsii.String(k.Name), Type: map[AttributeType]awsdynamodb.AttributeType{
		StringAttribute: awsdynamodb.AttributeType_STRING,
		NumberAttribute: awsdynamodb.AttributeType_NUMBER,
		BinaryAttribute: awsdynamodb.AttributeType_BINARY,
	}[k.Type]}
}
