package constructs_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
)

// ours and plain do one job: a traced function with kept logs and an alias,
// which reads one table.
func ours(stack awscdk.Stack, code constructs.BootstrapFolder) {
	table := constructs.ImportSecureTable(stack, "Orders", &constructs.ImportedTableProps{Name: "orders", KeyARN: keyARN})
	constructs.NewLeastPrivilegeFunction(stack, "Read", &constructs.LeastPrivilegeFunctionProps{
		Name: "read", Code: code, Grants: []constructs.Grant{table.Allow(constructs.GetItem)},
	})
}

func plainCDK(stack awscdk.Stack, code constructs.BootstrapFolder) {
	table := awsdynamodb.Table_FromTableAttributes(stack, jsii.String("Orders"), &awsdynamodb.TableAttributes{
		TableName: jsii.String("orders"), EncryptionKey: awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String(keyARN)),
	})
	f := awslambda.NewFunction(stack, jsii.String("Read"), &awslambda.FunctionProps{
		FunctionName: jsii.String("read"),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Handler:      jsii.String("read"),
		Code:         awslambda.Code_FromAsset(jsii.String(string(code)), nil),
		Tracing:      awslambda.Tracing_ACTIVE,
		LogGroup:     awslogs.NewLogGroup(stack, jsii.String("Logs"), &awslogs.LogGroupProps{Retention: awslogs.RetentionDays_ONE_MONTH}),
	})
	table.GrantReadData(f)
	f.AddAlias(jsii.String("live"), nil)
}

var tableAction = regexp.MustCompile(`dynamodb:[A-Z]`)

// cost is what a stack is made of.
type cost struct{ resources, managedPolicies, tableActions int }

func costOf(t *testing.T, make func(awscdk.Stack, constructs.BootstrapFolder)) cost {
	t.Helper()
	template := build(func(stack awscdk.Stack) { make(stack, bootstrap(t)) })
	resources, _ := template["Resources"].(map[string]any)
	c := cost{resources: len(resources), tableActions: len(tableAction.FindAllString(fmt.Sprint(template), -1))}
	for _, role := range all(template, "AWS::IAM::Role") {
		managed, _ := at(role, "Properties", "ManagedPolicyArns").([]any)
		c.managedPolicies += len(managed)
	}
	return c
}

// The figures stand in docs/constructs/README.md.
func TestLeastPrivilegeFunction_TakesFewerLinesThanPlainCDK(t *testing.T) {
	if got, want := costOf(t, ours), (cost{resources: 5, managedPolicies: 0, tableActions: 1}); got != want {
		t.Errorf("ours takes %+v, the page says %+v", got, want)
	}
	if got, want := costOf(t, plainCDK), (cost{resources: 6, managedPolicies: 1, tableActions: 8}); got != want {
		t.Errorf("plain CDK takes %+v, the page says %+v", got, want)
	}
}

// One file has one reason to exist and can be read in one go.
func TestFiles_HaveAtMostThreeHundredLines(t *testing.T) {
	total := 0
	for _, file := range goFiles(t, false) {
		lines := strings.Count(readText(t, file), "\n")
		total += lines
		if lines > 300 {
			t.Errorf("%s has %d lines", file, lines)
		}
	}
	t.Logf("%d lines in %d files", total, len(goFiles(t, false)))
}

// The page's figures may differ by a fifth from the counted ones.
func TestPages_LineCounts_AreRight(t *testing.T) {
	page := readText(t, filepath.Join(pages, "README.md"))
	for construct, files := range map[string]string{
		"SecureTable":            `^(secure_table.*|table_(grant|index|replica)|imported_table)\.go$`,
		"LeastPrivilegeFunction": `^(least_privilege_function|function_(async|code|role|validation)|role_(guard|permissions))\.go$`,
		"AppSecret":              `^(app_secret|secret_.*)\.go$`,
		"DataKey":                `^(data_key|key_policy)\.go$`,
		"RetainedLogGroup":       `^(retained_log_group|log_retention)\.go$`,
	} {
		lines := 0
		for _, file := range goFiles(t, false) {
			if regexp.MustCompile(files).MatchString(file) {
				lines += strings.Count(readText(t, file), "\n")
			}
		}
		row := regexp.MustCompile("(?m)^\\| `" + construct + "`.* \\| ([0-9]+) \\|$").FindStringSubmatch(page)
		if row == nil {
			t.Fatalf("the page has no row for %s", construct)
		}
		if said, _ := strconv.Atoi(row[1]); lines*5 < said*4 || lines*5 > said*6 {
			t.Errorf("%s has %d lines, the page says %d", construct, lines, said)
		}
	}
}

// BenchmarkSynth says what a construct adds to a synth: a stack with twenty of
// them, divided by twenty. The quickest run counts, since the others say more
// about what else the machine did.
func BenchmarkSynth(b *testing.B) {
	const copies = 20
	code := constructs.BootstrapFolder(b.TempDir())
	writeBootstrap(b, string(code))
	cases := []struct {
		name string
		add  func(stack awscdk.Stack, id string)
	}{
		{"nothing", func(awscdk.Stack, string) {}},
		{"SecureTable", func(stack awscdk.Stack, id string) {
			constructs.NewSecureTable(stack, id, &constructs.SecureTableProps{Name: id, PartitionKey: constructs.TableKey{Name: "id"}})
		}},
		{"DataKey", func(stack awscdk.Stack, id string) {
			constructs.NewDataKey(stack, id, &constructs.DataKeyProps{Alias: id, Operations: []constructs.KeyOperation{constructs.Decrypt}})
		}},
		{"AppSecret", func(stack awscdk.Stack, id string) {
			key := awskms.Key_FromKeyArn(stack, jsii.String(id+"Key"), jsii.String(keyARN))
			constructs.NewAppSecret(stack, id, &constructs.AppSecretProps{Name: id, Keys: []constructs.SecretKey{"K"}, EncryptionKey: key})
		}},
		{"RetainedLogGroup", func(stack awscdk.Stack, id string) {
			constructs.NewRetainedLogGroup(stack, id, &constructs.RetainedLogGroupProps{Name: id})
		}},
		{"LeastPrivilegeFunction", func(stack awscdk.Stack, id string) {
			constructs.NewLeastPrivilegeFunction(stack, id, &constructs.LeastPrivilegeFunctionProps{Name: id, Code: code})
		}},
		{"plain Function", func(stack awscdk.Stack, id string) {
			f := awslambda.NewFunction(stack, jsii.String(id), &awslambda.FunctionProps{
				Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String(id), Tracing: awslambda.Tracing_ACTIVE,
				Code: awslambda.Code_FromAsset(jsii.String(string(code)), nil),
			})
			f.AddAlias(jsii.String("live"), nil)
		}},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			quickest := time.Hour
			for b.Loop() {
				start := time.Now()
				stack := newStack()
				for i := range copies {
					c.add(stack, fmt.Sprint("copy", i))
				}
				synth(stack)
				quickest = min(quickest, time.Since(start))
			}
			b.ReportMetric(quickest.Seconds()*1000/copies, "ms/construct")
		})
	}
}
