package constructs

import (
	"fmt"
	"slices"
)

// TableOperation is a DynamoDB operation on items, as IAM names it. A
// transaction needs the operations it is made of.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
type TableOperation string

// The operations on items.
const (
	GetItem            TableOperation = "GetItem"
	BatchGetItem       TableOperation = "BatchGetItem"
	Query              TableOperation = "Query"
	Scan               TableOperation = "Scan"
	PutItem            TableOperation = "PutItem"
	UpdateItem         TableOperation = "UpdateItem"
	DeleteItem         TableOperation = "DeleteItem"
	BatchWriteItem     TableOperation = "BatchWriteItem"
	ConditionCheckItem TableOperation = "ConditionCheckItem"
)

var tableOperations = []TableOperation{
	GetItem, BatchGetItem, Query, Scan,
	PutItem, UpdateItem, DeleteItem, BatchWriteItem, ConditionCheckItem,
}

// Allow grants operations on the table itself; its indexes are not included.
func (t *SecureTable) Allow(operations ...TableOperation) Grant {
	t.checkOperations("Allow", operations, tableOperations)
	return tableGrant(sidOf(t), *t.Table.TableArn(), operations)
}

// AllowIndex grants operations on one index: Query, Scan, or both, which is all
// an index can answer.
func (t *SecureTable) AllowIndex(index string, operations ...TableOperation) Grant {
	known := slices.ContainsFunc(t.indexes, func(i TableIndex) bool { return i.Name == index })
	var p problems
	p.require(known, "index", "the table has no index %q", index)
	p.panicIfAny("SecureTable.AllowIndex", t, "")
	t.checkOperations("AllowIndex", operations, []TableOperation{Query, Scan})
	arn := fmt.Sprintf("%s/index/%s", *t.Table.TableArn(), index)
	return tableGrant(sidOf(t, "Index", index), arn, operations)
}

func (t *SecureTable) checkOperations(method string, asked, offered []TableOperation) {
	var p problems
	p.require(len(asked) > 0, "operations", "are missing; name at least one")
	for _, o := range asked {
		p.require(oneOf(o, offered...), "operations", "%q is not one of %v", o, offered)
	}
	p.panicIfAny("SecureTable."+method, t, "")
}

func tableGrant(sid, arn string, operations []TableOperation) Grant {
	actions := make([]string, len(operations))
	for i, o := range operations {
		actions[i] = "dynamodb:" + string(o)
	}
	return Grant{{Sid: sid, Actions: actions, Resources: []string{arn}}}
}
