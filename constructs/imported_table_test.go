package constructs_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

const (
	keyARN    = "arn:aws:kms:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	streamARN = "arn:aws:dynamodb:eu-west-2:111122223333:table/users/stream/2026-01-31T00:00:00.000"
)

func ExampleImportSecureTable() {
	stack := newStack()
	users := constructs.ImportSecureTable(stack, "Users", &constructs.ImportedTableProps{
		Name:    "shop-prod-users",
		Indexes: []string{"by-email"},
	})
	find := users.AllowIndex("by-email", constructs.Query)
	fmt.Println(find[0].Sid, find[0].Actions)
	fmt.Println(find[0].Resources[0])
	// Output:
	// UsersIndexByEmail [dynamodb:Query]
	// arn:aws:dynamodb:eu-west-2:111122223333:table/shop-prod-users/index/by-email
}

func ExampleImportSecureTable_otherAccount() {
	stack := newStack()
	users := constructs.ImportSecureTable(stack, "Users", &constructs.ImportedTableProps{
		NameParameter: "/identity/prod/users-table",
		Account:       "444455556666",
	})
	fmt.Println(users.Allow(constructs.GetItem)[0].Actions)
	// Output: [dynamodb:GetItem]
}

func TestImportSecureTable_NameInAParameter_IsReadAtDeployment(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		users := constructs.ImportSecureTable(stack, "Users", &constructs.ImportedTableProps{
			NameParameter: "/identity/prod/users-table", Account: "444455556666",
		})
		constructs.NewLeastPrivilegeFunction(stack, "Read", &constructs.LeastPrivilegeFunctionProps{
			Name: "read", Code: bootstrap(t), Grants: []constructs.Grant{users.Allow(constructs.GetItem)},
		})
	})
	parameters, _ := template["Parameters"].(map[string]any)
	found := false
	for _, parameter := range parameters {
		found = found || at(parameter, "Default") == "/identity/prod/users-table" && at(parameter, "Type") == "AWS::SSM::Parameter::Value<String>"
	}
	if !found {
		t.Errorf("no parameter reads the name: %v", parameters)
	}
	if resource := fmt.Sprint(at(statement(template, "Users"), "Resource")); !strings.Contains(resource, ":dynamodb:eu-west-2:444455556666:table/") {
		t.Errorf("the grant is on %s", resource)
	}
}

func imported(stack awscdk.Stack) *constructs.SecureTable {
	return constructs.ImportSecureTable(stack, "Users", &constructs.ImportedTableProps{
		Name: "users", Indexes: []string{"by-email"}, KeyARN: keyARN, StreamARN: streamARN,
	})
}

func TestImportSecureTable_MakesNoResources(t *testing.T) {
	template := build(func(stack awscdk.Stack) { imported(stack) })
	if resources, _ := template["Resources"].(map[string]any); len(resources) > 0 {
		t.Errorf("the template holds %v", resources)
	}
}

func TestImportSecureTable_KeyARN_GrantsKeyByOperation(t *testing.T) {
	table := imported(newStack())
	const via = "map[StringEquals:map[kms:ViaService:[dynamodb.eu-west-2.amazonaws.com]]]"
	cases := map[string]struct {
		grant            constructs.Grant
		sid, key, target string
	}{
		"read":   {table.Allow(constructs.GetItem), "Users", "[kms:Decrypt kms:DescribeKey]", ":table/users"},
		"index":  {table.AllowIndex("by-email", constructs.Query), "UsersIndexByEmail", "[kms:Decrypt kms:DescribeKey]", ":table/users/index/by-email"},
		"stream": {table.AllowStream(), "UsersStream", "[kms:Decrypt kms:DescribeKey]", streamARN},
		"write": {table.Allow(constructs.GetItem, constructs.PutItem), "Users",
			"[kms:Encrypt kms:Decrypt kms:ReEncryptFrom kms:ReEncryptTo kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:DescribeKey]", ":table/users"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if len(c.grant) != 2 {
				t.Fatalf("the grant is %v, want a statement for the table and one for its key", c.grant)
			}
			table, key := c.grant[0], c.grant[1]
			if table.Sid != c.sid || !strings.HasSuffix(table.Resources[0], c.target) {
				t.Errorf("the table's statement is %v", table)
			}
			if key.Sid != c.sid+"Key" || fmt.Sprint(key.Actions) != c.key || key.Resources[0] != keyARN || fmt.Sprint(key.Conditions) != via {
				t.Errorf("the key's statement is %v", key)
			}
		})
	}
}

func TestImportSecureTable_WithoutKeyARN_GrantsNoKey(t *testing.T) {
	table := constructs.ImportSecureTable(newStack(), "Users", &constructs.ImportedTableProps{Name: "users"})
	if grant := table.Allow(constructs.PutItem); len(grant) != 1 {
		t.Errorf("the grant is %v, want the table's statement only", grant)
	}
	refused(t, func() { table.AllowIndex("by-email", constructs.Query) }, "index")
	refused(t, func() { table.AllowStream() }, "Stream")
}

func TestImportSecureTable_NameToken_IsAllowed(t *testing.T) {
	stack := newStack()
	key := constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "k", Services: []constructs.KeyService{constructs.KeyServiceDynamoDB}})
	source := constructs.NewSecureTable(stack, "Source", &constructs.SecureTableProps{
		Name: "source", PartitionKey: constructs.TableKey{Name: "id"}, Stream: constructs.StreamKeysOnly,
	})
	table := constructs.ImportSecureTable(stack, "Users", &constructs.ImportedTableProps{
		Name: "users", KeyARN: *key.Key.KeyArn(), StreamARN: *source.Table.TableStreamArn(),
	})
	if grant := table.AllowStream(); len(grant) != 2 {
		t.Errorf("the grant is %v", grant)
	}
}

func TestImportSecureTable_InvalidProps_AreRefused(t *testing.T) {
	cases := map[string]struct {
		spoil func(p *constructs.ImportedTableProps)
		props []string
	}{
		"no name":                {func(p *constructs.ImportedTableProps) { p.Name = "" }, []string{"Name"}},
		"an ARN for a name":      {func(p *constructs.ImportedTableProps) { p.Name = "arn:aws:dynamodb:eu-west-2:111122223333:table/users" }, []string{"Name"}},
		"all indexes":            {func(p *constructs.ImportedTableProps) { p.Indexes = []string{"by-email", "*"} }, []string{"Indexes[1]"}},
		"a key's alias":          {func(p *constructs.ImportedTableProps) { p.KeyARN = "arn:aws:kms:eu-west-2:111122223333:alias/users" }, []string{"KeyARN"}},
		"all keys":               {func(p *constructs.ImportedTableProps) { p.KeyARN = "arn:aws:kms:eu-west-2:111122223333:key/*" }, []string{"KeyARN"}},
		"another table's stream": {func(p *constructs.ImportedTableProps) { p.StreamARN = strings.Replace(streamARN, "users", "goals", 1) }, []string{"StreamARN"}},
		"all streams": {func(p *constructs.ImportedTableProps) {
			p.StreamARN = "arn:aws:dynamodb:eu-west-2:111122223333:table/users/stream/*"
		}, []string{"StreamARN"}},
		"name and parameter":         {func(p *constructs.ImportedTableProps) { p.NameParameter = "/users-table" }, []string{"Name"}},
		"parameter that is no name":  {func(p *constructs.ImportedTableProps) { p.Name, p.NameParameter = "", "users table" }, []string{"NameParameter"}},
		"account that has no number": {func(p *constructs.ImportedTableProps) { p.Account = "prod" }, []string{"Account"}},
		"stream that is a table's": {func(p *constructs.ImportedTableProps) {
			p.Name, p.NameParameter, p.StreamARN = "", "/users-table", "arn:aws:dynamodb:eu-west-2:111122223333:table/users"
		}, []string{"StreamARN"}},
		"several things at once.": {func(p *constructs.ImportedTableProps) { p.Name, p.KeyARN = "", "k" }, []string{"Name", "KeyARN"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := constructs.ImportedTableProps{Name: "users"}
			c.spoil(&props)
			refused(t, func() { constructs.ImportSecureTable(stack, name, &props) }, c.props...)
		})
	}
	refused(t, func() { constructs.ImportSecureTable(stack, "none", nil) }, "Name")
}
