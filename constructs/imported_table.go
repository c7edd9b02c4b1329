package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ImportedTableProps are the props of ImportSecureTable.
type ImportedTableProps struct {
	// Name is the table's physical name. Required, unless NameParameter is given.
	Name string
	// NameParameter is the name of a Systems Manager parameter that holds the
	// table's name, such as /shop/prod/users-table. CloudFormation reads it at each
	// deployment, in the account and Region of the stack. Default: none, Name gives
	// the table's name.
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
	NameParameter string
	// Account is the 12-digit id of the account that owns the table, if it is
	// another account. The table's resource policy must then allow the functions
	// too. Its key must be customer-managed or DynamoDB's own. Default: the stack's
	// account.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-cross-account-access.html
	Account string
	// Indexes are the names of the secondary indexes, global or local, that grants
	// may include. Default: none.
	Indexes []string
	// KeyARN is the ARN of the table's customer-managed key, if roles need their
	// own permission on the key. Default: none, the table uses an AWS key, or its
	// key policy allows all users of the table, as DataKey's policy does.
	KeyARN string
	// StreamARN is the ARN of the table's stream. Default: none, the stream cannot
	// be granted.
	StreamARN string
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
var keyARNPattern = regexp.MustCompile(`^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key/[A-Za-z0-9-]+$`)

// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
var accountPattern = regexp.MustCompile(`^[0-9]{12}$`)

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
var streamARNPattern = regexp.MustCompile(`^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]+/stream/[0-9T:.-]+$`)

// ImportSecureTable takes an existing table that another stack or tool made. It
// changes nothing in the table and gives the same grants as a new SecureTable. It
// does not check whether the table is secure. docs/constructs/secure-table.md
// describes how to move the table itself into a stack, with its data.
// ImportSecureTable panics with a *PropsError on invalid props.
func ImportSecureTable(scope constructs.Construct, id string, props *ImportedTableProps) *SecureTable {
	p := valueOrZero(props)
	p.validate().panicIfAny("ImportSecureTable", scope, id)

	t := &SecureTable{indexes: p.Indexes, keyARN: p.KeyARN}
	constructs.NewConstruct_Override(t, scope, jsii.String(id))
	name := jsii.String(p.Name)
	if p.NameParameter != "" {
		name = awsssm.StringParameter_ValueForStringParameter(t, jsii.String(p.NameParameter), nil)
	}
	t.Table = awsdynamodb.Table_FromTableAttributes(t, jsii.String("Table"), &awsdynamodb.TableAttributes{
		TableArn: awscdk.Stack_Of(t).FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("dynamodb"), Resource: jsii.String("table"), ResourceName: name, Account: stringOrNil(p.Account),
		}),
		TableStreamArn: stringOrNil(p.StreamARN),
	})
	return t
}

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
var parameterNamePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]+$|^(/[A-Za-z0-9_.-]+){1,15}$`)

func (p *ImportedTableProps) validate() problems {
	var bad problems
	bad.require((p.Name == "") != (p.NameParameter == ""), "Name", "or NameParameter must be given, and not both")
	bad.require(p.Name == "" || tableNamePattern.MatchString(p.Name), "Name",
		"is %q; use 3 to 255 letters, digits, and _ . -", p.Name)
	bad.require(p.NameParameter == "" || parameterNamePattern.MatchString(p.NameParameter), "NameParameter",
		"is %q; use a parameter's name, such as /shop/prod/users-table", p.NameParameter)
	bad.require(p.Account == "" || isToken(p.Account) || accountPattern.MatchString(p.Account), "Account",
		"is %q; use 12 digits", p.Account)
	for i, index := range p.Indexes {
		bad.require(tableNamePattern.MatchString(index), fmt.Sprintf("Indexes[%d]", i),
			"is %q; use 3 to 255 letters, digits, and _ . -", index)
	}
	bad.require(p.KeyARN == "" || isToken(p.KeyARN) || keyARNPattern.MatchString(p.KeyARN), "KeyARN",
		"is %q; give the key's own ARN, not an alias's", p.KeyARN)
	ofTable := streamARNPattern.MatchString(p.StreamARN) &&
		(p.NameParameter != "" || strings.Contains(p.StreamARN, ":table/"+p.Name+"/stream/"))
	bad.require(p.StreamARN == "" || isToken(p.StreamARN) || ofTable, "StreamARN",
		"is %q; give the ARN of a stream of the table %q", p.StreamARN, p.Name)
	return bad
}
