package constructs_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/assembly"
	"github.com/expenzez/infrastructure/policy"
)

var everyPack = []policy.Pack{policy.AwsSolutions, policy.NIST80053R5, policy.HIPAASecurity, policy.PCIDSS321}

// A page lists under "Policy" the rules that its construct breaks with its
// defaults, with the reason to accept each. A finding without a row fails, and so
// does a row without a finding.
func TestPages_Policy_ListExactlyTheFindingsOfEachConstruct(t *testing.T) {
	found, listed := findingsOfConstructs(t), acceptancesOfPages(t)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		rules, ok := listed[name]
		if !ok {
			t.Errorf("no page has %s under \"Policy\"; its findings are %q", name, slices.Sorted(maps.Keys(found[name])))
			continue
		}
		for _, rule := range slices.Sorted(maps.Keys(found[name])) {
			if !rules[rule] {
				t.Errorf("the page of %s has no row for %s: %s", name, rule, found[name][rule])
			}
		}
		for _, rule := range slices.Sorted(maps.Keys(rules)) {
			if found[name][rule] == "" {
				t.Errorf("the page of %s has a row for %s, which it does not break", name, rule)
			}
		}
	}
	for name := range listed {
		if found[name] == nil {
			t.Errorf("a page has %s under \"Policy\", which is no constructor", name)
		}
	}
}

// findingsOfConstructs synthesizes each construct in a stack of its own, held to
// every pack, and returns one message for each rule that it breaks.
func findingsOfConstructs(t *testing.T) map[string]map[string]string {
	t.Helper()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{
		"@aws-cdk/aws-iam:minimizePolicies":           true,
		"@aws-cdk/core:enablePartitionLiterals":       true,
		"@aws-cdk/core:validateAgainstDefaultRules":   true,
		"@aws-cdk/core:annotationsInValidationReport": true,
	}})
	policy.Attach(app, &policy.Props{Packs: everyPack, StatefulFile: filepath.Join(t.TempDir(), "stateful.json")})
	found := map[string]map[string]string{}
	for i, constructor := range slices.Sorted(maps.Keys(inEnvironment)) {
		name := strings.TrimPrefix(constructor, "New")
		// An account of its own: another stack's alarm over all functions would cover its functions.
		account := fmt.Sprintf("%012d", i+1)
		stack := awscdk.NewStack(app, jsii.String("In"+name), &awscdk.StackProps{
			Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String("us-east-1")}})
		inEnvironment[constructor](t, stack, strings.ToLower(name))
		if stack.Node().TryFindChild(jsii.String(name)) == nil && name != "GitHubProvider" {
			t.Errorf("inEnvironment makes no construct with the id %s", name)
		}
		found[name] = map[string]string{}
	}
	panicOf(func() { app.Synth(nil) })
	record := func(path, rule, message string) {
		stack, inner, _ := strings.Cut(path, "/")
		if name := strings.TrimPrefix(stack, "In"); inner == name || strings.HasPrefix(inner, name+"/") || sharedFunction.MatchString(inner) {
			found[name][rule] = path + ": " + message
		}
	}
	a, err := assembly.Read(*app.Outdir())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range a.Stacks {
		for _, n := range s.Notes {
			if rule, message, ok := nagFinding(n); ok {
				record(n.Path, rule, message)
			}
		}
	}
	findings, err := policy.Check(*app.Outdir(), &policy.Props{Disposable: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Rule.ID != policy.NagWarning { // the notes above have the warning itself
			record(f.Construct, f.Rule.ID, f.Message)
		}
	}
	return found
}

// sharedFunction matches the constructs that CDK adds to a stack for custom resources.
var sharedFunction = regexp.MustCompile(`^(AWS[0-9a-f]{32}|Custom::\w+)`)

var nagNote = regexp.MustCompile(`(?s)^((?:AwsSolutions|HIPAA\.Security|NIST\.800\.53\.R5|PCI\.DSS\.321)-\w+|CdkNagValidationFailure)(?:\[.*?\])?: (.*)`)

func nagFinding(n assembly.Note) (rule, message string, ok bool) {
	text, _ := n.Data.(string)
	m := nagNote.FindStringSubmatch(text)
	if m == nil || n.Type != "aws:cdk:error" && n.Type != "aws:cdk:warning" {
		return "", "", false
	}
	return m[1], strings.TrimSpace(m[2]), true
}

// acceptancesOfPages reads the rules that pages list under "Policy", by construct.
func acceptancesOfPages(t *testing.T) map[string]map[string]bool {
	t.Helper()
	section := regexp.MustCompile(`(?ms)^## Policy\n(.*?)(?:^## |\z)`)
	of := regexp.MustCompile(`^What ` + "`(\\w+)`" + ` needs accepted`)
	rule := regexp.MustCompile("`([^`]+)`")
	listed := map[string]map[string]bool{}
	for _, page := range mustGlob(t, filepath.Join(pages, "*.md")) {
		for _, s := range section.FindAllStringSubmatch(readText(t, page), -1) {
			var name string
			for line := range strings.Lines(s[1]) {
				if m := of.FindStringSubmatch(line); m != nil {
					if name = m[1]; listed[name] != nil {
						t.Errorf("%s lists %s a second time", page, name)
					}
					listed[name] = map[string]bool{}
				}
				cells := strings.Split(line, "|")
				if len(cells) != 4 {
					continue
				}
				for _, m := range rule.FindAllStringSubmatch(cells[1], -1) {
					listed[name][m[1]] = true
					if len(strings.TrimSpace(cells[2])) < 30 {
						t.Errorf("%s gives no reason of 30 characters to accept %s", page, m[1])
					}
				}
			}
		}
	}
	return listed
}
