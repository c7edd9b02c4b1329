package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/test/pytool"
)

// cfn-lint knows the properties of each resource type in each region and finds errors
// that CDK's validator does not: https://github.com/aws-cloudformation/cfn-lint
func TestTemplates_PassCfnLint(t *testing.T) {
	lint := installCfnLint(t)
	for _, build := range append(config.Stages(), "prod full") {
		t.Run(build, func(t *testing.T) {
			stage, _, _ := strings.Cut(build, " ")
			out := t.TempDir()
			if written, code := run(t, build, out, "CDK_VALIDATION=false"); code != 0 {
				t.Fatalf("exit status %d:\n%s", code, written)
			}
			templates, err := filepath.Glob(filepath.Join(out, "*.template.json"))
			if err != nil || len(templates) == 0 {
				t.Fatalf("no templates: %v", err)
			}
			cfg, err := config.Load(stage)
			if err != nil {
				t.Fatal(err)
			}
			edge := slices.IndexFunc(templates, func(file string) bool { return strings.HasSuffix(file, "-edge.template.json") })
			if hasEdge := cfg.API.Domain != ""; hasEdge != (edge >= 0) {
				t.Fatalf("a template of an edge: %v, a domain: %v", edge >= 0, hasEdge)
			}
			if edge >= 0 { // other properties and resource types may exist in its region
				if said, err := cfnLint(lint, constructs.EdgeRegion, templates[edge]); err != nil {
					t.Errorf("cfn-lint of the edge: %v\n%s", err, said)
				}
				templates = slices.Delete(templates, edge, edge+1)
			}
			if said, err := cfnLint(lint, cfg.Region, templates...); err != nil {
				t.Errorf("cfn-lint: %v\n%s", err, said)
			}
		})
	}
}

func TestCfnLint_InvalidTemplate_Fails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wrong.template.json")
	const wrong = `{"Resources": {"Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 31}}}}`
	if err := os.WriteFile(file, []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := cfnLint(installCfnLint(t), "eu-west-2", file); err == nil || !strings.Contains(said, "E3030:31") {
		t.Errorf("cfn-lint finds nothing wrong with 31 days of retention (%v):\n%s", err, said)
	}
}

// cfnLint fails the test at a finding of any severity except W3005. CDK makes each
// function depend on its role although it refers to the role, which W3005 reports and
// which is harmless.
func cfnLint(lint, region string, templates ...string) (string, error) {
	arguments := append([]string{"--regions", region, "--format", "parseable", "--ignore-checks", "W3005", "--"}, templates...)
	said, err := exec.Command(lint, arguments...).CombinedOutput()
	return string(said), err
}

// installCfnLint returns the program's path, in the version pinned in testdata/cfn-lint.txt.
func installCfnLint(t *testing.T) (program string) {
	t.Helper()
	return pytool.Install(t, moduleDir, filepath.Join("testdata", "cfn-lint.txt"), "cfn-lint")
}
