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
	// TimeToLive is the name of the attribute that holds the time, in epoch
	// seconds, after which DynamoDB deletes the item. Default: items stay.
	TimeToLive string
	// Class says whose data the table holds; it decides backup and review.
	Class DataClass
}

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
	// Personal data identifies a person; sensitive fields in it are Private.
	Personal DataClass = "personal"
	// Operational data serves the backend itself and can be recreated.
	Operational DataClass = "operational"
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
)

// Grant is the right to call some operations on one table.
type Grant struct {
	Table      *Table
	Operations []Operation
}

// Allow returns the right to call exactly these operations on the table.
func (t *Table) Allow(operations ...Operation) Grant {
	return Grant{Table: t, Operations: operations}
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
	if t.Class != Personal && t.Class != Operational {
		problem("has the unknown data class %q", t.Class)
	}
	return errors.Join(problems...)
}
