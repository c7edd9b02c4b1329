package constructs

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

// TableOperation is a DynamoDB operation on items, in IAM's spelling. A transaction
// needs the permissions of the operations in it.
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

var (
	readOperations  = []TableOperation{GetItem, BatchGetItem, Query, Scan, ConditionCheckItem}
	writeOperations = []TableOperation{PutItem, UpdateItem, DeleteItem, BatchWriteItem}
	tableOperations = slices.Concat(readOperations, writeOperations)
	// The actions that read a stream. As in AWS's own example, ListStreams is
	// limited to the stream.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html
	streamActions = []string{
		"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
	}
)

// Allow grants operations on the table, without its indexes.
func (t *SecureTable) Allow(operations ...TableOperation) Grant {
	t.checkOperations("Allow", operations, tableOperations)
	return t.grant(sidOf(t), *t.Table.TableArn(), operations)
}

// AllowIndex grants Query, Scan, or both on one index. Indexes support no other
// operations.
func (t *SecureTable) AllowIndex(index string, operations ...TableOperation) Grant {
	var p problems
	p.require(oneOf(index, t.indexes...), "index", "the table has no index %q", index)
	p.panicIfAny("SecureTable.AllowIndex", t, "")
	t.checkOperations("AllowIndex", operations, []TableOperation{Query, Scan})
	arn := fmt.Sprintf("%s/index/%s", *t.Table.TableArn(), index)
	return t.grant(sidOf(t, "Index", index), arn, operations)
}

// AllowStream grants reading the table's stream, without its items.
// NewTableStreamConsumer grants it to the function.
func (t *SecureTable) AllowStream() Grant {
	var p problems
	p.require(t.Table.TableStreamArn() != nil, "Stream", "the table has none; set Stream, or StreamARN of an imported table")
	p.panicIfAny("SecureTable.AllowStream", t, "")
	grant := Grant{{Sid: sidOf(t, "Stream"), Actions: streamActions, Resources: []string{*t.Table.TableStreamArn()}}}
	return t.withKey(grant, false)
}

func (t *SecureTable) checkOperations(method string, asked, offered []TableOperation) {
	var p problems
	p.require(len(asked) > 0, "operations", "are missing; name at least one")
	for _, o := range asked {
		p.require(oneOf(o, offered...), "operations", "%q is not one of %v", o, offered)
	}
	p.panicIfAny("SecureTable."+method, t, "")
}

func (t *SecureTable) grant(sid, arn string, operations []TableOperation) Grant {
	actions := make([]string, len(operations))
	for i, o := range operations {
		actions[i] = "dynamodb:" + string(o)
	}
	writes := slices.ContainsFunc(operations, func(o TableOperation) bool { return oneOf(o, writeOperations...) })
	return t.withKey(Grant{{Sid: sid, Actions: actions, Resources: []string{arn}}}, writes)
}

// withKey adds permission to use an imported table's key, through DynamoDB only.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
func (t *SecureTable) withKey(grant Grant, writes bool) Grant {
	if t.keyARN == "" {
		return grant
	}
	actions := []string{"kms:Decrypt", "kms:DescribeKey"}
	if writes {
		actions = encryptActions
	}
	via := viaService(awscdk.Stack_Of(t), "dynamodb")
	return append(grant, Statement{
		Sid: grant[0].Sid + "Key", Actions: actions, Resources: []string{t.keyARN},
		Conditions: map[string]map[string][]string{"StringEquals": {"kms:ViaService": via}},
	})
}
