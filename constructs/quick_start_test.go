package constructs_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	awsconstructs "github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// quickStart is the sample of README.md, docs/constructs/README.md and the package comment.
func quickStart(stack awsconstructs.Construct) *constructs.LeastPrivilegeFunction {
	users := constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{
		Name:         "shop-prod-users",
		PartitionKey: constructs.TableKey{Name: "userId"},
	})
	getUser := constructs.NewLeastPrivilegeFunction(stack, "GetUser", &constructs.LeastPrivilegeFunctionProps{
		Name:   "shop-prod-get-user",
		Code:   constructs.GoBundle{Package: "./lambdas/users"},
		Grants: []constructs.Grant{users.Allow(constructs.GetItem)},
	})
	return getUser
}

// The pages say that policy asks a production app for a backup plan and a fleet.
func TestQuickStart_InModuleOfUser_LacksOnlyBackupPlanAndFleet(t *testing.T) {
	module := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":                "module example.com/shop\n\ngo 1.26\n",
		"lambdas/users/main.go": "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(module, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(module)
	if got, want := brokenRules(t, func(awscdk.Stack) {}), []string{policy.BackedUp, policy.FunctionAlarm}; !slices.Equal(got, want) {
		t.Errorf("the sample breaks %q, want %q", got, want)
	}
	got := brokenRules(t, func(stack awscdk.Stack) {
		constructs.NewBackupPlan(stack, "Backup", &constructs.BackupPlanProps{Name: "shop-prod"})
		alerts := constructs.NewAlertTopic(stack, "Alerts", &constructs.AlertTopicProps{Name: "shop-prod-alerts"})
		constructs.NewFunctionFleet(stack, "Fleet", &constructs.FunctionFleetProps{
			Name: "shop-prod", Route: constructs.AlarmRoute{Target: alerts, RunbookURL: "https://example.com/runbook"},
		})
	})
	if len(got) > 0 {
		t.Errorf("with a backup plan and a fleet, the sample breaks %q", got)
	}
}

// brokenRules synthesizes the sample with more resources and returns the ids of the broken
// rules of package policy, in order.
func brokenRules(t *testing.T, add func(awscdk.Stack)) []string {
	t.Helper()
	out := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out)})
	stack := awscdk.NewStack(app, jsii.String("shop-prod"), nil)
	if getUser := quickStart(stack); getUser.Alias == nil {
		t.Error("the function has no alias")
	}
	add(stack)
	app.Synth(nil)
	t.Setenv(policy.UpdateVariable, "1")
	findings, err := policy.Check(out, &policy.Props{StatefulFile: filepath.Join(out, "stateful.json"), MaxResources: 400})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, finding := range findings {
		ids = append(ids, finding.Rule.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func TestQuickStart_PackageComment_HasSampleOfReadme(t *testing.T) {
	var sample strings.Builder
	for line := range strings.Lines(readText(t, "doc.go")) {
		if code, isCode := strings.CutPrefix(line, "//\t"); isCode {
			sample.WriteString(code)
		}
	}
	_, block, _ := strings.Cut(readText(t, "../README.md"), "```go\n")
	block, _, _ = strings.Cut(block, "```")
	if block == "" || !strings.Contains(sample.String(), block) {
		t.Errorf("the package comment lacks\n%s", block)
	}
}
