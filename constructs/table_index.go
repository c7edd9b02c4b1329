package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// TableIndex is a global secondary index.
type TableIndex struct {
	// Name is the index's name in the table. Required.
	Name string
	// PartitionKey is the index's partition key. Required.
	PartitionKey TableKey
	// SortKey is the index's sort key. Default: none.
	SortKey TableKey
	// Projection says which attributes of an item the index holds. Default:
	// ProjectKeysOnly, so that the index copies no other data.
	Projection Projection
	// Attributes are the attributes that ProjectInclude adds to the keys. Required
	// with ProjectInclude and refused without it.
	Attributes []string
}

// LocalIndex is a local secondary index: it sorts the items of one partition by
// another attribute. Unlike a global index it supports consistent reads. All items
// of one partition key, with their copies in local indexes, are then limited to 10
// GB.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
type LocalIndex struct {
	// Name is the index's name in the table. Required.
	Name string
	// SortKey is the attribute that orders the index. Required.
	SortKey TableKey
	// Projection says which attributes of an item the index holds. Default:
	// ProjectKeysOnly.
	Projection Projection
	// Attributes are the attributes that ProjectInclude adds to the keys. Required
	// with ProjectInclude and refused without it.
	Attributes []string
}

func (i TableIndex) props(p SecureTableProps) *awsdynamodb.GlobalSecondaryIndexProps {
	return &awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:                        jsii.String(i.Name),
		PartitionKey:                     i.PartitionKey.attribute(),
		SortKey:                          i.SortKey.attribute(),
		ProjectionType:                   awsdynamodb.ProjectionType(i.Projection),
		NonKeyAttributes:                 i.Projection.attributes(i.Attributes),
		MaxReadRequestUnits:              numberOrNil(p.MaxReadUnits),
		MaxWriteRequestUnits:             numberOrNil(p.MaxWriteUnits),
		ContributorInsightsSpecification: p.ContributorInsights.specification(),
	}
}

func (i TableIndex) globalTableProps(p SecureTableProps) *awsdynamodb.GlobalSecondaryIndexPropsV2 {
	return &awsdynamodb.GlobalSecondaryIndexPropsV2{
		IndexName:            jsii.String(i.Name),
		PartitionKey:         i.PartitionKey.attribute(),
		SortKey:              i.SortKey.attribute(),
		ProjectionType:       awsdynamodb.ProjectionType(i.Projection),
		NonKeyAttributes:     i.Projection.attributes(i.Attributes),
		MaxReadRequestUnits:  numberOrNil(p.MaxReadUnits),
		MaxWriteRequestUnits: numberOrNil(p.MaxWriteUnits),
	}
}

func (i LocalIndex) props() *awsdynamodb.LocalSecondaryIndexProps {
	return &awsdynamodb.LocalSecondaryIndexProps{
		IndexName:        jsii.String(i.Name),
		SortKey:          i.SortKey.attribute(),
		ProjectionType:   awsdynamodb.ProjectionType(i.Projection),
		NonKeyAttributes: i.Projection.attributes(i.Attributes),
	}
}

// attributes returns the names for CDK with ProjectInclude, and nil otherwise.
func (p Projection) attributes(names []string) *[]*string {
	if p != ProjectInclude {
		return nil
	}
	return jsii.Strings(names...)
}
