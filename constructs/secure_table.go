package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BackupPlanTag is the tag by which a backup selection finds its tables. Its value
// is the name of the plan.
const BackupPlanTag = "backup-plan"

const defaultBackupPlan = "daily"

// AttributeType is the type of a key attribute, in DynamoDB's spelling.
type AttributeType string

// The types a key attribute can have.
const (
	StringAttribute AttributeType = "S"
	NumberAttribute AttributeType = "N"
	BinaryAttribute AttributeType = "B"
)

// Projection says which attributes of an item a secondary index holds.
type Projection string

// The projections an index can have.
const (
	ProjectKeysOnly Projection = "KEYS_ONLY"
	ProjectInclude  Projection = "INCLUDE"
	ProjectAll      Projection = "ALL"
)

// StreamView says which data of a changed item the table's stream contains.
type StreamView string

// The views a stream can have.
const (
	StreamKeysOnly        StreamView = "KEYS_ONLY"
	StreamNewImage        StreamView = "NEW_IMAGE"
	StreamOldImage        StreamView = "OLD_IMAGE"
	StreamNewAndOldImages StreamView = "NEW_AND_OLD_IMAGES"
)

// ContributorInsights says which keys CloudWatch Contributor Insights counts, to
// find hot keys. Its graphs show the keys' values in plain text, even if the table
// is encrypted with a customer-managed key. AWS charges for each counted event.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
type ContributorInsights string

// The modes Contributor Insights has.
const (
	// ThrottledKeys counts only throttled requests. It costs almost nothing while
	// no requests are throttled.
	ThrottledKeys ContributorInsights = "THROTTLED_KEYS"
	// AccessedAndThrottledKeys counts every read and write.
	AccessedAndThrottledKeys ContributorInsights = "ACCESSED_AND_THROTTLED_KEYS"
)

// TableKey is a key attribute of a table or an index.
type TableKey struct {
	// Name is the attribute's name. Required in a partition key. A sort key without
	// a name means no sort key.
	Name string
	// Type is the attribute's type. Default: StringAttribute.
	Type AttributeType
}

// SecureTableProps are the props of NewSecureTable.
type SecureTableProps struct {
	// Name is the table's physical name, 3 to 255 characters. Keep it, because
	// CloudFormation replaces a table whose name changes. Required.
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
	// EncryptionKey is a customer-managed key usable through DynamoDB, such as a
	// DataKey with KeyServiceDynamoDB. Default: a new DataKey with rotation, under
	// the alias dynamodb/<Name>. Characters that an alias may not contain become -,
	// followed by a fingerprint.
	EncryptionKey awskms.IKey
	// RecoveryDays is how many days point-in-time recovery reaches back, 1 to 35.
	// Recovery cannot be turned off. Default: 35.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
	RecoveryDays int
	// TTLAttribute is the number attribute with the Unix time in seconds after
	// which DynamoDB deletes an item. Default: none, items are kept.
	TTLAttribute string
	// Stream is the view of the table's stream. Default: no stream.
	Stream StreamView
	// ContributorInsights counts the requests for single keys of the table and of
	// each index. Default: none, because it shows the keys in plain text.
	ContributorInsights ContributorInsights
	// MaxReadUnits and MaxWriteUnits limit the request units a second of the table,
	// and of each global index separately. They limit the cost of a fault or an
	// attack. DynamoDB throttles requests beyond the limit on a best-effort basis.
	// With Replicas the limit applies in each Region. Default: 0, the account's
	// quota is the limit.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html
	MaxReadUnits  int
	MaxWriteUnits int
	// Replicas are copies of the table in other Regions, which DynamoDB updates
	// within seconds. Replicas cannot be added to a table that is deployed without
	// them, because a table with replicas is another CloudFormation resource type.
	// docs/constructs/secure-table.md describes how to move. Default: none.
	Replicas []TableReplica
	// BackupPlan is the value of the tag BackupPlanTag. Default: "daily", or no tag
	// if the table is Disposable.
	BackupPlan string
	// Disposable deletes the table with its stack and turns off deletion
	// protection. Default: false, the table is protected and retained.
	Disposable bool
}

// SecureTable is a DynamoDB table with on-demand capacity. It is encrypted with a
// customer-managed key, has point-in-time recovery and deletion protection, and is
// tagged for backup. Grants cover typed operations on the table or on one index.
type SecureTable struct {
	constructs.Construct
	// Table is the DynamoDB table, for alarms and similar. Use Allow, AllowIndex
	// and AllowStream for permissions.
	Table awsdynamodb.ITable

	indexes []string
	// keyARN is the key of an imported table, on which callers need their own
	// permission. It is empty for a table made here, because its key policy covers
	// the table's users.
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
		RemovalPolicy:                    tableRemovalPolicy(p.Disposable),
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
		services: []KeyService{KeyServiceDynamoDB}, aliasPrefix: "dynamodb", kind: "table", name: p.Name, disposable: p.Disposable,
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
