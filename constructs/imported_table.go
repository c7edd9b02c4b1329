package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ImportedTableProps are the props of ImportSecureTable.
type ImportedTableProps struct {
	// Name is the table's physical name; it is looked for in the account and
	// region of the stack. Required.
	Name string
	// Indexes are the names of the global secondary indexes that may be
	// granted. Default: none.
	Indexes []string
	// KeyARN is the ARN of the customer-managed key the table is encrypted
	// with, where its policy leaves it to roles who uses it. Default: none: the
	// table is under a key of AWS's, or its key's policy lets in whoever may
	// use the table, as DataKey's does.
	KeyARN string
	// StreamARN is the ARN of the table's stream. Default: none, the stream
	// cannot be granted.
	StreamARN string
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
var keyARNPattern = regexp.MustCompile(`^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+$`)

// ImportSecureTable takes a table that exists already, made by another stack or
// tool, as it is: it changes nothing of it, and gives the same grants as one
// made here. What it does not know is whether the table is secure. To bring the
// table itself into a stack, with its data, see docs/constructs/secure-table.md.
// It panics with a *PropsError on invalid props.
func ImportSecureTable(scope constructs.Construct, id string, props *ImportedTableProps) *SecureTable {
	var p ImportedTableProps
	if props != nil {
		p = *props
	}
	p.validate().panicIfAny("ImportSecureTable", scope, id)

	t := &SecureTable{indexes: p.Indexes, keyARN: p.KeyARN}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	t.Table = awsdynamodb.Table_FromTableAttributes(t, jsii.String("Table"), &awsdynamodb.TableAttributes{
		TableName:      jsii.String(p.Name),
		TableStreamArn: stringOrNil(p.StreamARN),
	})
	return t
}

func (p *ImportedTableProps) validate() problems {
	var bad problems
	bad.require(tableNamePattern.MatchString(p.Name), "Name",
		"is %q; use 3 to 255 letters, digits, and _ . -", p.Name)
	for i, index := range p.Indexes {
		bad.require(tableNamePattern.MatchString(index), fmt.Sprintf("Indexes[%d]", i),
			"is %q; use 3 to 255 letters, digits, and _ . -", index)
	}
	bad.require(p.KeyARN == "" || isToken(p.KeyARN) || keyARNPattern.MatchString(p.KeyARN), "KeyARN",
		"is %q; give the key's own ARN, not an alias's", p.KeyARN)
	ofTable := strings.Contains(p.StreamARN, ":table/"+p.Name+"/stream/") && !hasWildcard(p.StreamARN)
	bad.require(p.StreamARN == "" || isToken(p.StreamARN) || ofTable, "StreamARN",
		"is %q; give the ARN of a stream of the table %q", p.StreamARN, p.Name)
	return bad
}
