package constructs_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// listOf makes a list of n names.
func listOf(n int, format string) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(format, i)
	}
	return list
}

func paths(n int) []constructs.PathRate {
	rates := make([]constructs.PathRate, n)
	for i := range rates {
		rates[i] = constructs.PathRate{PathPrefix: fmt.Sprintf("/p%d", i), Requests: 100}
	}
	return rates
}

func indexesWith(attributes ...int) []constructs.TableIndex {
	indexes := make([]constructs.TableIndex, len(attributes))
	for i, n := range attributes {
		indexes[i] = constructs.TableIndex{Name: fmt.Sprint("index", i), PartitionKey: constructs.TableKey{Name: "id"},
			Projection: constructs.ProjectInclude, Attributes: listOf(n, "a%d")}
	}
	return indexes
}

func domains(n, functions int) []constructs.FleetDomain {
	list := make([]constructs.FleetDomain, n)
	for i := range list {
		list[i] = constructs.FleetDomain{Name: "d", Functions: listOf(functions, "f%d")}
	}
	return list
}

// Each entry is made with as much as AWS allows, and refused with one more, under the
// prop that the user wrote, with AWS's page.
func TestProps_BeyondQuota_AreRefused(t *testing.T) {
	cases := map[string]struct {
		allowed int
		prop    string
		make    func(t *testing.T, stack awscdk.Stack, n int)
	}{
		"rate rules of a web ACL": {9, "Rules.PerPath", func(_ *testing.T, stack awscdk.Stack, n int) { // and one for each address
			constructs.NewRegionalWebACL(stack, "ACL", &constructs.RegionalWebACLProps{Name: "shop", Rules: constructs.WebACLRules{PerPath: paths(n)}})
		}},
		"code of an edge function": {200, "Cors.Origins", func(_ *testing.T, _ awscdk.Stack, n int) {
			constructs.NewWafProtectedApi(newEdgeStack(constructs.EdgeRegion), "Edge", &constructs.WafProtectedApiProps{Name: "shop", OriginSecretName: "origin",
				Cors: constructs.EdgeCors{Origins: listOf(n*n/200, "capacitor://app%04d.example.com")}})
		}},
		"metrics of a dashboard": {83, "Domains", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{Name: "shop", Route: routeOf(stack, "Fleet", "shop"), Domains: domains(n, 10)})
		}},
		"widgets of a dashboard": {122, "Domains", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{Name: "shop", Route: routeOf(stack, "Fleet", "shop"), Domains: domains(n, 1)})
		}},
		"query of a graph": {40, "ExcludedFunctions", func(_ *testing.T, stack awscdk.Stack, n int) {
			excluded := append(listOf(36, "a-function-of-another-team-%02d"), strings.Repeat("x", n))
			constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{Name: "shop", Route: routeOf(stack, "Fleet", "shop"), ExcludedFunctions: excluded})
		}},
		"security groups of a function": {5, "Network.SecurityGroups", func(t *testing.T, stack awscdk.Stack, n int) {
			place := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{Name: "shop"}).Isolated()
			place.SecurityGroups = nil
			for i := range n {
				place.SecurityGroups = append(place.SecurityGroups, awsec2.NewSecurityGroup(stack, jsii.String(fmt.Sprint("Group", i)), &awsec2.SecurityGroupProps{Vpc: place.Vpc}))
			}
			constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{Name: "orders", Code: bootstrap(t), Network: place})
		}},
		"attributes of an index": {20, "Indexes[0].Attributes", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewSecureTable(stack, "Table", &constructs.SecureTableProps{Name: "table", PartitionKey: constructs.TableKey{Name: "id"}, Indexes: indexesWith(n)})
		}},
		"attributes of all indexes": {20, "Indexes", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewSecureTable(stack, "Table", &constructs.SecureTableProps{Name: "table", PartitionKey: constructs.TableKey{Name: "id"},
				Indexes: indexesWith(20, 20, 20, 20, min(n, 20), n-min(n, 20)+1)[:5+n-min(n, 20)]})
		}},
		"readers of a secret": {200, "Readers", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewAppSecret(stack, "Secret", &constructs.AppSecretProps{Name: "s", Keys: []constructs.SecretKey{"K"},
				EncryptionKey: importedKey(stack, "Key"), Readers: listOf(n*2-200, "a-rather-long-name-of-a-path/a-name-of-a-role-%08d")})
		}},
		"description of a key": {8192, "Description", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewDataKey(stack, "Key", &constructs.DataKeyProps{Alias: "key", Description: strings.Repeat("é", n), Operations: []constructs.KeyOperation{constructs.Decrypt}})
		}},
		"name of a branch": {255, "Branch", func(_ *testing.T, stack awscdk.Stack, n int) {
			constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{Name: "d", Repository: "a/b", Branch: strings.Repeat("b", n)})
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if value := panicOf(func() { c.make(t, newStack(), c.allowed) }); value != nil {
				t.Fatalf("with %d, as AWS allows: %v", c.allowed, value)
			}
			value := panicOf(func() { c.make(t, newStack(), c.allowed+1) })
			err, ok := value.(*constructs.PropsError)
			if name == "code of an edge function" || name == "readers of a secret" { // of which only the size of the whole is bounded
				for n := c.allowed + 1; !ok && n < 2*c.allowed; n++ {
					err, ok = panicOf(func() { c.make(t, newStack(), n) }).(*constructs.PropsError)
				}
			}
			if !ok || len(err.Problems) == 0 || err.Problems[0].Prop != c.prop {
				t.Fatalf("beyond it: %v, want a problem of %s", err, c.prop)
			}
		})
	}
}

// grantsOf are n grants on resources of their own.
func grantsOf(n int) []constructs.Grant {
	var grants []constructs.Grant
	for i := range n {
		grants = append(grants, constructs.AllowActions(fmt.Sprint("Orders", i), []string{"dynamodb:GetItem", "dynamodb:PutItem"},
			fmt.Sprintf("arn:aws:dynamodb:eu-west-2:111122223333:table/shop-prod-orders-%02d", i)))
	}
	return grants
}

func TestLeastPrivilegeFunction_TooManyGrants_FailsSynth(t *testing.T) {
	with := func(grants, later, added int) awscdk.Stack {
		stack := newStack()
		f := constructs.NewLeastPrivilegeFunction(stack, "Orders", &constructs.LeastPrivilegeFunctionProps{
			Name: "orders", Code: bootstrap(t), Grants: grantsOf(grants)})
		if later > 0 {
			f.AllowInSeparatePolicy(grantsOf(later)...)
		}
		for i := range added {
			f.Function.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid: jsii.String(fmt.Sprint("Added", i)), Actions: jsii.Strings("dynamodb:GetItem", "dynamodb:PutItem"),
				Resources: jsii.Strings(fmt.Sprintf("arn:aws:dynamodb:eu-west-2:111122223333:table/shop-prod-orders-%02d", i))}))
		}
		return stack
	}
	synthSucceeds(t, with(55, 0, 0))
	synthFails(t, with(70, 0, 0), "Test/Orders/Role", "Grants makes 1", "AWS allows 10240 (https://")
	synthFails(t, with(40, 30, 0), "Grants makes 1", "AWS allows 10240")
	synthFails(t, with(40, 0, 30), "Grants makes 1", "AWS allows 10240")
}

func TestGitHubDeployRole_TooManyRegions_FailsSynth(t *testing.T) {
	stack := newStack()
	var regions []string
	for _, area := range []string{"north", "south", "east", "west", "central", "northeast", "southeast"} {
		for i := range 9 {
			regions = append(regions, fmt.Sprintf("ap-%s-%d", area, i+1))
		}
	}
	constructs.NewGitHubDeployRole(stack, "Deploy", &constructs.GitHubDeployRoleProps{
		Name: "deploy", Repository: "a/b", Branch: "main", Access: constructs.GitHubDeploy, Regions: regions})
	synthFails(t, stack, "Regions makes 1", "AWS allows 10240")
}

func TestAccessLogBucket_TooManyBuckets_FailsSynth(t *testing.T) {
	with := func(n int) awscdk.Stack {
		stack := newStack()
		logs := constructs.NewAccessLogBucket(stack, "Logs", &constructs.AccessLogBucketProps{Name: "all-logs"})
		key := importedKey(stack, "Key")
		for _, name := range listOf(n, "shop-prod-receipts-%02d") {
			constructs.NewSecureBucket(stack, name, &constructs.SecureBucketProps{Name: name, LogBucket: logs, EncryptionKey: key})
		}
		return stack
	}
	synthSucceeds(t, with(20))
	synthFails(t, with(60), "Test/Logs", "LogBucket makes", "AWS allows 20480")
}

func TestAllowEndpointActions_TooMany_FailsSynth(t *testing.T) {
	stack := newStack()
	n := constructs.NewPrivateNetwork(stack, "Network", &constructs.PrivateNetworkProps{Name: "shop", Endpoints: []constructs.EndpointService{constructs.EndpointKMS}})
	n.AllowEndpointActions(constructs.EndpointKMS, listOf(900, "kms:ActionOfALongName%03d")...)
	synthFails(t, stack, "Test/Network/KmsEndpoint", "AllowEndpointActions makes 2", "AWS allows 20480")
}

// More countries than one statement takes are several statements.
func TestGeoRestriction_ManyCountries_AreSplitIntoStatements(t *testing.T) {
	codes := strings.Fields("AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV")
	stack := newStack()
	constructs.NewRegionalWebACL(stack, "ACL", &constructs.RegionalWebACLProps{Name: "shop", Rules: constructs.WebACLRules{
		GeoRestriction: constructs.GeoRestriction{BlockedCountries: codes}}})
	rule := at(only(t, synth(stack), "AWS::WAFv2::WebACL"), "Properties", "Rules", 0, "Statement", "OrStatement", "Statements")
	total := 0
	for i := range 2 {
		some, _ := at(rule, i, "GeoMatchStatement", "CountryCodes").([]any)
		if len(some) == 0 || len(some) > 50 {
			t.Errorf("statement %d has %d countries", i, len(some))
		}
		total += len(some)
	}
	if total != len(codes) {
		t.Errorf("the statements have %d countries, want %d", total, len(codes))
	}
}

func TestWebACLRules_LongPath_RuleNameFits(t *testing.T) {
	long := "/" + strings.Repeat("a-long-part/", 16)
	stack := newStack()
	constructs.NewRegionalWebACL(stack, "ACL", &constructs.RegionalWebACLProps{Name: "shop", Rules: constructs.WebACLRules{
		PerPath:    []constructs.PathRate{{PathPrefix: long + "a", Requests: 100}, {PathPrefix: long + "b", Requests: 100}},
		BodyLimits: []constructs.BodyLimit{{PathPrefix: long + "a", MaxBytes: 1}}}})
	rules, _ := at(only(t, synth(stack), "AWS::WAFv2::WebACL"), "Properties", "Rules").([]any)
	seen := map[string]bool{}
	for _, rule := range rules {
		name, _ := at(rule, "Name").(string)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`).MatchString(name) || seen[name] {
			t.Errorf("%q is no name of a rule, or there twice", name)
		}
		seen[name] = true
	}
}

// IAM takes Latin-1 only, in the trust policy and in the description.
func TestGitHubDeployRole_NonLatinBranch_IsRefused(t *testing.T) {
	refused(t, func() {
		constructs.NewGitHubDeployRole(newStack(), "Deploy", &constructs.GitHubDeployRoleProps{Name: "d", Repository: "a/b", Branch: "注文"})
	}, "Branch")
}
