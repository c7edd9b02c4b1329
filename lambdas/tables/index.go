package tables

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Index is a secondary index of a table: its items in another order. An item without
// the index's key attributes is not in the index.
type Index struct {
	// Name is the index's name, 3 to 255 letters, digits, and - _ . It must never
	// change once deployed.
	Name string
	// PartitionKey makes the index global: items of all partitions by another
	// attribute, with eventual reads only. Default: the table's own partition key,
	// which makes the index local. A local index answers consistent reads, is made
	// with its table only, and limits a partition to 10 GB.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LSI.html
	PartitionKey Attribute
	// SortKey orders the items of a partition. Required in a local index. Default: none.
	SortKey Attribute
	// Projection says what the index holds of an item beside the keys of index and table.
	// Default: nothing.
	Projection Projection
}

// Projection is what an index holds of an item beside its keys.
type Projection struct {
	// All has the index hold every attribute.
	All bool
	// Attributes are the names of the attributes that the index holds. Default: none.
	Attributes []string
}

// Local reports whether the index orders the items of the table's own partitions.
func (i *Index) Local() bool { return i.PartitionKey.Name == "" }

// PartitionOf returns the attribute by which the index of the table is partitioned.
func (i *Index) PartitionOf(table *Table) Attribute {
	if i.Local() {
		return table.PartitionKey
	}
	return i.PartitionKey
}

func (i *Index) validate() error {
	switch {
	case i.Name == "":
		return fmt.Errorf("has an index without a name")
	case i.Local() && i.SortKey.Name == "":
		return fmt.Errorf("has the local index %q without a sort key", i.Name)
	case (i.SortKey.Name == "") != (i.SortKey.Type == "") || (i.PartitionKey.Name == "") != (i.PartitionKey.Type == ""):
		return fmt.Errorf("has the index %q with a key without a name or without a type", i.Name)
	case i.Projection.All && len(i.Projection.Attributes) > 0:
		return fmt.Errorf("has the index %q that projects all attributes and names some", i.Name)
	}
	return nil
}

// CreateInput returns what creates the table under a physical name with keys and
// indexes as declared, paid by request: for engines of tests.
func (t *Table) CreateInput(name string) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest,
		KeySchema: keySchema(t.PartitionKey, t.SortKey),
	}
	keys := []Attribute{t.PartitionKey, t.SortKey}
	for _, index := range t.Indexes {
		schema := keySchema(index.PartitionOf(t), index.SortKey)
		keys = append(keys, index.PartitionKey, index.SortKey)
		if index.Local() {
			input.LocalSecondaryIndexes = append(input.LocalSecondaryIndexes, types.LocalSecondaryIndex{
				IndexName: &index.Name, KeySchema: schema, Projection: index.Projection.input(),
			})
			continue
		}
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index.Name, KeySchema: schema, Projection: index.Projection.input(),
		})
	}
	defined := map[Attribute]bool{{}: true}
	for _, key := range keys {
		if !defined[key] {
			defined[key] = true
			input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
				AttributeName: aws.String(key.Name), AttributeType: types.ScalarAttributeType(key.Type),
			})
		}
	}
	return input
}

func (p Projection) input() *types.Projection {
	switch {
	case p.All:
		return &types.Projection{ProjectionType: types.ProjectionTypeAll}
	case len(p.Attributes) > 0:
		return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: p.Attributes}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
}

func keySchema(partition, sort Attribute) []types.KeySchemaElement {
	keys := []types.KeySchemaElement{{AttributeName: aws.String(partition.Name), KeyType: types.KeyTypeHash}}
	if sort.Name != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(sort.Name), KeyType: types.KeyTypeRange})
	}
	return keys
}
