package tables

import (
	"errors"
	"fmt"
	"strings"
)

// Table is one DynamoDB table, independent of the stage it is deployed to.
type Table struct {
	// Name is the logical name, such as "Users". The physical name adds the
	// project and the stage; it must never change once deployed.
	Name string
	// PartitionKey is the partition key attribute.
	PartitionKey Attribute
	// SortKey is the sort key attribute. Default: none.
	SortKey Attribute
	// Indexes are the secondary indexes. Default: none.
	Indexes []*Index
	// TimeToLive is the name of the attribute that holds the time, in epoch
	// seconds, after which DynamoDB deletes the item. Default: items stay.
	TimeToLive string
	// Class says whose data the table holds; it decides backup and review.
	Class DataClass
	// Erasure says how a user's items go when the account is deleted.
	Erasure Erasure
	// UserContent says that the items are what a user put into the app: they also go when
	// the user erases that and keeps the account. Package store gives them the time
	// of their last write, which an erasure compares. Only items that are
	// ErasePartition can be.
	UserContent bool
}

// DataKeyContext is the entry of a data key's encryption context that has the Name
// of the table which stores the data key. Rights to use data keys name it.
const DataKeyContext = "table"

// Attribute is a key attribute: its name and its DynamoDB type. The zero value
// means that there is no such key.
type Attribute struct {
	Name string
	Type AttributeType
}

// AttributeType is a DynamoDB key type, spelt as DynamoDB spells it.
type AttributeType string

// The types DynamoDB allows in a key.
const (
	String AttributeType = "S"
	Number AttributeType = "N"
	Binary AttributeType = "B"
)

// DataClass says what kind of data a table holds.
type DataClass string

// The classes of data.
const (
	// Personal data identifies a person; sensitive fields in it are EncryptedString.
	Personal DataClass = "personal"
	// Operational data serves the backend itself and can be recreated.
	Operational DataClass = "operational"
)

// Erasure says how the items of a user go when the account is deleted.
type Erasure string

// The kinds of erasure.
const (
	// ErasePartition items have the user's id as their partition key: package
	// erasure deletes the partition.
	ErasePartition Erasure = "by user"
	// EraseExplicitly items have other keys: the deletion of an account
	// (lambdas/auth) knows them and deletes them itself.
	EraseExplicitly Erasure = "by deletion"
	// EraseByTTL items do not disclose their user, and are deleted by the table's
	// TimeToLive.
	EraseByTTL Erasure = "by time"
)

// Operation is a DynamoDB operation that a function may be allowed on a table,
// spelt as the IAM action without its "dynamodb:" prefix. Transactions need
// the operations of their parts: DynamoDB has no action of their own for them
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).
type Operation string

// The operations that functions use.
const (
	GetItem    Operation = "GetItem"
	PutItem    Operation = "PutItem"
	UpdateItem Operation = "UpdateItem"
	DeleteItem Operation = "DeleteItem"
	Query      Operation = "Query"

	// ConditionCheckItem makes a transaction depend on an item that it does not write.
	ConditionCheckItem Operation = "ConditionCheckItem"

	BatchGetItem   Operation = "BatchGetItem"
	BatchWriteItem Operation = "BatchWriteItem"
)

// Grant is the right to call some operations on one table, or on one of its indexes.
type Grant struct {
	Table *Table
	// Index is the index that the right is for. It is nil for the table itself.
	Index      *Index
	Operations []Operation
}

// Allow returns the right to call exactly these operations on the table, its indexes
// not included.
func (t *Table) Allow(operations ...Operation) Grant {
	return Grant{Table: t, Operations: operations}
}

// AllowQuery returns the right to query one index of the table, which is all that
// functions do with an index.
func (t *Table) AllowQuery(index *Index) Grant {
	return Grant{Table: t, Index: index, Operations: []Operation{Query}}
}

// Resource returns what the grant is for, as the part of an ARN after "table/" with the
// table under a physical name: "<name>" or "<name>/index/<index>".
func (g Grant) Resource(physicalName string) string {
	if g.Index == nil {
		return physicalName
	}
	return physicalName + "/index/" + g.Index.Name
}

// Variable is the name of the environment variable through which a function
// that may use the table learns its physical name, such as TABLE_USERS.
func (t *Table) Variable() string {
	return "TABLE_" + strings.ToUpper(t.Name)
}

// Validate reports everything that is wrong with the declaration.
func (t *Table) Validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("table %q: "+format, append([]any{t.Name}, args...)...))
	}
	if t.Name == "" {
		problem("has no name")
	}
	if t.PartitionKey.Name == "" || t.PartitionKey.Type == "" {
		problem("needs a partition key with a name and a type")
	}
	if (t.SortKey.Name == "") != (t.SortKey.Type == "") {
		problem("has a sort key without a name or without a type")
	}
	names := map[string]bool{}
	for _, index := range t.Indexes {
		if err := index.validate(); err != nil {
			problem("%w", err)
		}
		if names[index.Name] {
			problem("has the index %q twice", index.Name)
		}
		names[index.Name] = true
	}
	if t.Class != Personal && t.Class != Operational {
		problem("has the unknown data class %q", t.Class)
	}
	switch t.Erasure {
	case ErasePartition, EraseExplicitly:
	case EraseByTTL:
		if t.TimeToLive == "" {
			problem("is erased by time and has no time to live")
		}
	default:
		problem("does not say how a user's items are erased")
	}
	if t.UserContent && t.Erasure != ErasePartition {
		problem("holds users' content and is not erased by user")
	}
	return errors.Join(problems...)
}
