package constructs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/expenzez/infrastructure/constructs"
)

func ExampleNewSecureTable() {
	stack := newStack()
	orders := constructs.NewSecureTable(stack, "Orders", &constructs.SecureTableProps{
		Name:         "shop-prod-orders",
		PartitionKey: constructs.TableKey{Name: "userId"},
		SortKey:      constructs.TableKey{Name: "placedAt", Type: constructs.NumberAttribute},
		Indexes: []constructs.TableIndex{{
			Name:         "by-status",
			PartitionKey: constructs.TableKey{Name: "status"},
		}},
		TTLAttribute: "expiresAt",
	})
	read := orders.Allow(constructs.GetItem, constructs.Query)
	list := orders.AllowIndex("by-status", constructs.Query)
	fmt.Println(read[0].Sid, read[0].Actions)
	fmt.Println(list[0].Sid, list[0].Actions)
	// Output:
	// Orders [dynamodb:GetItem dynamodb:Query]
	// OrdersIndexByStatus [dynamodb:Query]
}

// plain is a table of which only what is required was said.
var plain = sync.OnceValue(func() map[string]any {
	return build(func(stack awscdk.Stack) {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
			Name:         "users",
			PartitionKey: constructs.TableKey{Name: "userId"},
		})
	})
})

func TestSecureTable_Defaults_AreSafe(t *testing.T) {
	table := only(t, plain(), "AWS::DynamoDB::Table")
	properties := table["Properties"]
	equal(t, "TableName", at(properties, "TableName"), `"users"`)
	equal(t, "BillingMode", at(properties, "BillingMode"), `"PAY_PER_REQUEST"`)
	equal(t, "recovery", at(properties, "PointInTimeRecoverySpecification"),
		`{"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35}`)
	equal(t, "protection", at(properties, "DeletionProtectionEnabled"), `true`)
	equal(t, "DeletionPolicy", table["DeletionPolicy"], `"Retain"`)
	equal(t, "UpdateReplacePolicy", table["UpdateReplacePolicy"], `"Retain"`)
	equal(t, "tags", at(properties, "Tags"), `[{"Key": "backup-plan", "Value": "daily"}]`)
	equal(t, "keys", at(properties, "KeySchema"), `[{"AttributeName": "userId", "KeyType": "HASH"}]`)
	equal(t, "stream", at(properties, "StreamSpecification"), `null`)
	equal(t, "time to live", at(properties, "TimeToLiveSpecification"), `null`)
}

func TestSecureTable_HasItsOwnRotatedKey(t *testing.T) {
	key := only(t, plain(), "AWS::KMS::Key")
	equal(t, "rotation", at(key, "Properties", "EnableKeyRotation"), `true`)
	equal(t, "alias", at(only(t, plain(), "AWS::KMS::Alias"), "Properties", "AliasName"), `"alias/dynamodb/users"`)
	sse := at(only(t, plain(), "AWS::DynamoDB::Table"), "Properties", "SSESpecification")
	equal(t, "SSEType", at(sse, "SSEType"), `"KMS"`)
	reference, _ := at(sse, "KMSMasterKeyId", "Fn::GetAtt", 0).(string)
	if !strings.HasPrefix(reference, "UsersEncryptionKey") {
		t.Errorf("the table's key is %v, want its own", at(sse, "KMSMasterKeyId"))
	}
}

func TestSecureTable_GivenProps_AreInTheTemplate(t *testing.T) {
	properties := at(only(t, build(func(stack awscdk.Stack) {
		constructs.NewSecureTable(stack, "Events", &constructs.SecureTableProps{
			Name:         "events",
			PartitionKey: constructs.TableKey{Name: "userId"},
			SortKey:      constructs.TableKey{Name: "at", Type: constructs.NumberAttribute},
			Indexes: []constructs.TableIndex{
				{Name: "by-kind", PartitionKey: constructs.TableKey{Name: "kind"}, SortKey: constructs.TableKey{Name: "digest", Type: constructs.BinaryAttribute}},
				{Name: "by-day", PartitionKey: constructs.TableKey{Name: "day"}, Projection: constructs.ProjectInclude, Attributes: []string{"kind"}},
				{Name: "by-place", PartitionKey: constructs.TableKey{Name: "place"}, Projection: constructs.ProjectAll},
			},
			RecoveryDays: 7,
			TTLAttribute: "expiresAt",
			Stream:       constructs.StreamNewAndOldImages,
			BackupPlan:   "weekly",
		})
	}), "AWS::DynamoDB::Table"), "Properties")
	equal(t, "keys", at(properties, "KeySchema"),
		`[{"AttributeName": "userId", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]`)
	equal(t, "attributes", at(properties, "AttributeDefinitions"), `[
		{"AttributeName": "userId", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"},
		{"AttributeName": "kind", "AttributeType": "S"}, {"AttributeName": "digest", "AttributeType": "B"},
		{"AttributeName": "day", "AttributeType": "S"}, {"AttributeName": "place", "AttributeType": "S"}]`)
	equal(t, "indexes", at(properties, "GlobalSecondaryIndexes"), `[
		{"IndexName": "by-kind", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [
			{"AttributeName": "kind", "KeyType": "HASH"}, {"AttributeName": "digest", "KeyType": "RANGE"}]},
		{"IndexName": "by-day", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kind"]}, "KeySchema": [
			{"AttributeName": "day", "KeyType": "HASH"}]},
		{"IndexName": "by-place", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
			{"AttributeName": "place", "KeyType": "HASH"}]}]`)
	equal(t, "recovery days", at(properties, "PointInTimeRecoverySpecification", "RecoveryPeriodInDays"), `7`)
	equal(t, "time to live", at(properties, "TimeToLiveSpecification"), `{"AttributeName": "expiresAt", "Enabled": true}`)
	equal(t, "stream", at(properties, "StreamSpecification"), `{"StreamViewType": "NEW_AND_OLD_IMAGES"}`)
	equal(t, "backup plan", at(properties, "Tags", 0, "Value"), `"weekly"`)
}

func TestSecureTable_Disposable_IsDeleted(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
			Name: "users", PartitionKey: constructs.TableKey{Name: "userId"}, Disposable: true,
		})
	})
	table := only(t, template, "AWS::DynamoDB::Table")
	equal(t, "protection", at(table, "Properties", "DeletionProtectionEnabled"), `false`)
	equal(t, "DeletionPolicy", table["DeletionPolicy"], `"Delete"`)
	equal(t, "tags", at(table, "Properties", "Tags"), `null`)
	equal(t, "its key's DeletionPolicy", only(t, template, "AWS::KMS::Key")["DeletionPolicy"], `"Delete"`)
}

func TestSecureTable_GivenKey_IsUsed(t *testing.T) {
	template := build(func(stack awscdk.Stack) {
		key := constructs.NewDataKey(stack, "Shared", &constructs.DataKeyProps{
			Alias: "tables", Services: []constructs.KeyService{constructs.KeyServiceDynamoDB},
		})
		for _, name := range []string{"users", "goals"} {
			constructs.NewSecureTable(stack, name, &constructs.SecureTableProps{
				Name: name, PartitionKey: constructs.TableKey{Name: "userId"}, EncryptionKey: key.Key,
			})
		}
	})
	only(t, template, "AWS::KMS::Key")
	for _, table := range all(template, "AWS::DynamoDB::Table") {
		reference, _ := at(table, "Properties", "SSESpecification", "KMSMasterKeyId", "Fn::GetAtt", 0).(string)
		if !strings.HasPrefix(reference, "Shared") {
			t.Errorf("the key is %q, want the shared one", reference)
		}
	}
}

func TestSecureTable_Grants_AreExactOnTableOrIndex(t *testing.T) {
	stack := newStack()
	table := constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
		Name:         "users",
		PartitionKey: constructs.TableKey{Name: "userId"},
		Indexes:      []constructs.TableIndex{{Name: "by-email", PartitionKey: constructs.TableKey{Name: "emailHash"}}},
	})
	constructs.NewLeastPrivilegeFunction(stack, "Reader", &constructs.LeastPrivilegeFunctionProps{
		Name: "reader", Code: bootstrap(t),
		Grants: []constructs.Grant{table.Allow(constructs.PutItem, constructs.GetItem), table.AllowIndex("by-email", constructs.Query)},
	})
	role := only(t, synth(stack), "AWS::IAM::Role")
	own := statement(role, "Users")
	equal(t, "actions", own["Action"], `["dynamodb:GetItem", "dynamodb:PutItem"]`)
	tableID, _ := at(own, "Resource", "Fn::GetAtt", 0).(string)
	equal(t, "resource", own["Resource"], fmt.Sprintf(`{"Fn::GetAtt": [%q, "Arn"]}`, tableID))
	index := statement(role, "UsersIndexByEmail")
	equal(t, "index actions", index["Action"], `"dynamodb:Query"`)
	equal(t, "index", index["Resource"], fmt.Sprintf(`{"Fn::Join": ["", [{"Fn::GetAtt": [%q, "Arn"]}, "/index/by-email"]]}`, tableID))
}

func TestSecureTable_UnsupportedGrants_AreRefused(t *testing.T) {
	table := constructs.NewSecureTable(newStack(), "Users", &constructs.SecureTableProps{
		Name:         "users",
		PartitionKey: constructs.TableKey{Name: "userId"},
		Indexes:      []constructs.TableIndex{{Name: "by-email", PartitionKey: constructs.TableKey{Name: "emailHash"}}},
	})
	refused(t, func() { table.Allow() }, "operations")
	refused(t, func() { table.Allow("*") }, "operations")
	refused(t, func() { table.Allow("DeleteTable", constructs.GetItem) }, "operations")
	refused(t, func() { table.AllowIndex("by-name", constructs.Query) }, "index")
	refused(t, func() { table.AllowIndex("by-email", constructs.GetItem) }, "operations")
}

func TestSecureTable_InvalidProps_AreRefused(t *testing.T) {
	key := func(name string) constructs.TableKey { return constructs.TableKey{Name: name} }
	good := func() constructs.SecureTableProps {
		return constructs.SecureTableProps{Name: "users", PartitionKey: key("userId"), Indexes: []constructs.TableIndex{
			{Name: "by-email", PartitionKey: key("emailHash")}, {Name: "by-day", PartitionKey: key("day")},
		}}
	}
	many := make([]constructs.TableIndex, 21)
	for i := range many {
		many[i] = constructs.TableIndex{Name: fmt.Sprintf("index-%d", i), PartitionKey: key("k")}
	}
	cases := map[string]struct {
		spoil func(p *constructs.SecureTableProps)
		props []string
	}{
		"no name":                {func(p *constructs.SecureTableProps) { p.Name = "" }, []string{"Name"}},
		"name with a space":      {func(p *constructs.SecureTableProps) { p.Name = "my users" }, []string{"Name"}},
		"no partition key":       {func(p *constructs.SecureTableProps) { p.PartitionKey.Name = "" }, []string{"PartitionKey.Name"}},
		"key name too long":      {func(p *constructs.SecureTableProps) { p.PartitionKey.Name = strings.Repeat("k", 256) }, []string{"PartitionKey.Name"}},
		"unknown key type":       {func(p *constructs.SecureTableProps) { p.PartitionKey.Type = "String" }, []string{"PartitionKey.Type"}},
		"sort key is the same":   {func(p *constructs.SecureTableProps) { p.SortKey = key("userId") }, []string{"SortKey"}},
		"recovery too short":     {func(p *constructs.SecureTableProps) { p.RecoveryDays = -1 }, []string{"RecoveryDays"}},
		"recovery too long":      {func(p *constructs.SecureTableProps) { p.RecoveryDays = 36 }, []string{"RecoveryDays"}},
		"time to live in a text": {func(p *constructs.SecureTableProps) { p.TTLAttribute = "userId" }, []string{"TTLAttribute"}},
		"unknown stream":         {func(p *constructs.SecureTableProps) { p.Stream = "ALL" }, []string{"Stream"}},
		"too many indexes":       {func(p *constructs.SecureTableProps) { p.Indexes = many }, []string{"Indexes"}},
		"index without name":     {func(p *constructs.SecureTableProps) { p.Indexes[1].Name = "" }, []string{"Indexes[1].Name"}},
		"index named twice":      {func(p *constructs.SecureTableProps) { p.Indexes[1].Name = "by-email" }, []string{"Indexes[1].Name"}},
		"index without key":      {func(p *constructs.SecureTableProps) { p.Indexes[0].PartitionKey = key("") }, []string{"Indexes[0].PartitionKey.Name"}},
		"one attribute two types": {func(p *constructs.SecureTableProps) {
			p.Indexes[0].SortKey = constructs.TableKey{Name: "day", Type: constructs.NumberAttribute}
		}, []string{"Indexes[1].PartitionKey.Type"}},
		"unknown projection":     {func(p *constructs.SecureTableProps) { p.Indexes[0].Projection = "SOME" }, []string{"Indexes[0].Projection"}},
		"include without a list": {func(p *constructs.SecureTableProps) { p.Indexes[0].Projection = constructs.ProjectInclude }, []string{"Indexes[0].Attributes"}},
		"list without include":   {func(p *constructs.SecureTableProps) { p.Indexes[0].Attributes = []string{"a"} }, []string{"Indexes[0].Attributes"}},
		"plan that is no tag":    {func(p *constructs.SecureTableProps) { p.BackupPlan = "daily?" }, []string{"BackupPlan"}},
		"several at once":        {func(p *constructs.SecureTableProps) { p.Name, p.RecoveryDays = "", 99 }, []string{"Name", "RecoveryDays"}},
	}
	stack := newStack()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := good()
			c.spoil(&props)
			refused(t, func() { constructs.NewSecureTable(stack, name, &props) }, c.props...)
		})
	}
	t.Run("no props", func(t *testing.T) {
		refused(t, func() { constructs.NewSecureTable(stack, "none", nil) }, "Name", "PartitionKey.Name")
	})
}

func TestPropsError_HasConstructPathAndAdvice(t *testing.T) {
	value := panicOf(func() { constructs.NewSecureTable(newStack(), "Users", nil) })
	message := value.(error).Error()
	want := `SecureTable "Test/Users": invalid props
  Name: is ""; use 3 to 255 letters, digits, and _ . -
  PartitionKey.Name: is missing; name the attribute`
	if message != want {
		t.Errorf("the error reads\n%s\nwant\n%s", message, want)
	}
}
