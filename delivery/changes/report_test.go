package changes_test

import (
	"errors"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/delivery/changes"
	"github.com/expenzez/infrastructure/internal/cost"
)

var update = flag.Bool("update", false, "write docs/delivery-comment.md anew")

// example is the comment that docs/delivery.md shows.
const example = "../../docs/delivery-comment.md"

// harmful returns a pull request with a change of each kind: it drops a table, widens the
// rights of a function, raises the cost and breaks the contract.
func harmful() commit {
	c := before()
	delete(c.Resources, "Orders")
	c.Access["orders-list"] = append(c.Access["orders-list"], "dynamodb:DeleteItem on table Orders")
	report := c.Costs["prod"]
	report.FixedUSD = 92
	c.Costs["prod"] = report
	c.Contract = strings.Replace(c.Contract, "/orders:", "/purchases:", 1)
	return c
}

// recorded are the outputs that the CDK CLI and oasdiff had for harmful.
// TestPrograms_HarmfulPullRequest_PrintWhatIsRecorded compares them.
func recorded() changes.Tools {
	return changes.Tools{
		Diff: func(_, stack, _ string) (string, error) {
			return "Stack " + stack + "\nResources\n[-] AWS::DynamoDB::Table Orders Orders orphan\n\n", nil
		},
		Contracts: func(base, head string) ([]byte, error) {
			old, err := os.ReadFile(base)
			current, err2 := os.ReadFile(head)
			if string(old) == string(current) {
				return nil, errors.Join(err, err2)
			}
			return []byte(`[{"id":"api-path-removed-without-deprecation","text":"API path removed without deprecation","level":3,"operation":"GET","path":"/orders"},
				{"text":"a hint","level":2,"operation":"GET","path":"/other"}]`), errors.Join(err, err2)
		},
	}
}

func compare(t *testing.T, head commit, labels ...string) changes.Report {
	t.Helper()
	report, err := changes.Compare(write(t, before()), write(t, head), labels, recorded())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func missingLabels(r changes.Report) []string {
	var labels []string
	for _, refusal := range r.Refusals() {
		labels = append(labels, refusal.Label)
	}
	return labels
}

func TestCompare_HarmfulPullRequest_NeedsALabelForEachKind(t *testing.T) {
	all := []string{changes.AllowDestructive, changes.AllowAccess, changes.AllowCost, changes.AllowBreaking}
	if got := missingLabels(compare(t, harmful())); !slices.Equal(got, all) {
		t.Errorf("the labels that are missing are %v, want %v", got, all)
	}
	for _, label := range all {
		want := slices.DeleteFunc(slices.Clone(all), func(l string) bool { return l == label })
		if got := missingLabels(compare(t, harmful(), label)); !slices.Equal(got, want) {
			t.Errorf("with %s the labels that are missing are %v, want %v", label, got, want)
		}
	}
	if got := missingLabels(compare(t, harmful(), all...)); got != nil {
		t.Errorf("with all labels, %v are missing", got)
	}
}

func TestCompare_HarmlessPullRequest_NeedsNoLabel(t *testing.T) {
	unchanged := compare(t, before())
	if text, err := unchanged.Comment(); err != nil || len(unchanged.Stacks) > 0 || unchanged.Refusals() != nil ||
		!strings.Contains(text, "No template differs") || !strings.Contains(text, "No price changes") {
		t.Errorf("no change makes %+v, %v:\n%s", unchanged, err, text)
	}
	c := before()
	c.Resources["Alarm"] = map[string]any{"Type": "AWS::CloudWatch::Alarm"}
	c.Access["orders-list"] = c.Access["orders-list"][1:] // loses a right
	report := c.Costs["dev"]
	report.FixedUSD += 0.9
	c.Costs["dev"] = report
	tools := recorded()
	tools.Diff = func(_, stack, _ string) (string, error) {
		return "[+] AWS::CloudWatch::Alarm Alarm Alarm\n[-] AWS::Lambda::Version Version1 Version1 destroy\n[~] AWS::Lambda::Function F F may be replaced\n", nil
	}
	got, err := changes.Compare(write(t, before()), write(t, c), nil, tools)
	if err != nil || got.Refusals() != nil {
		t.Errorf("got %v, %v", got.Refusals(), err)
	}
	if len(got.Replaced()) != 2*len(changes.Stages()) || len(got.Access) != 1 || len(got.Prices) != 1 {
		t.Errorf("the report lacks changes: %+v", got)
	}
}

func TestCompare_StackRemoved_CountsItsResources(t *testing.T) {
	base, head := write(t, before()), before()
	head.Resources = map[string]any{"Other": map[string]any{"Type": "AWS::SNS::Topic"}}
	head.Stack = "shop-%s-orders"
	report, err := changes.Compare(base, write(t, head), nil, recorded())
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Destructive(); len(got) != len(changes.Stages()) || got[0].Impact != "orphan" || got[0].Type != "AWS::DynamoDB::Table" {
		t.Errorf("the removals are %+v", got)
	}
}

func TestCompare_Prices_AreRefusedAboveTheirLimits(t *testing.T) {
	for name, tc := range map[string]struct {
		change  func(*cost.Report)
		refused bool
	}{
		"fixed, within the limit":  {func(r *cost.Report) { r.FixedUSD += 0.99 }, false},
		"fixed, above the limit":   {func(r *cost.Report) { r.FixedUSD += 1.01 }, true},
		"fixed, above the budget":  {func(r *cost.Report) { r.FixedUSD += 0.5; r.BudgetUSD = 80.4 }, true},
		"fixed, cheaper":           {func(r *cost.Report) { r.FixedUSD -= 20 }, false},
		"operation, within":        {func(r *cost.Report) { r.Operations[0].USD *= 1.04 }, false},
		"operation, above":         {func(r *cost.Report) { r.Operations[0].USD *= 1.06 }, true},
		"operation, new":           {func(r *cost.Report) { r.Operations = append(r.Operations, cost.OperationCost{Key: "GET /new", USD: 9}) }, false},
		"users, above":             {func(r *cost.Report) { r.Growth[0].VariableUSD *= 1.06 }, true},
		"users, cheaper than ever": {func(r *cost.Report) { r.Growth[0].VariableUSD = 0.1 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := before()
			report := c.Costs["prod"]
			tc.change(&report)
			c.Costs["prod"] = report
			got := compare(t, c)
			if len(got.Prices) != 1 || got.Prices[0].Refused != tc.refused {
				t.Errorf("the prices that changed are %+v", got.Prices)
			}
		})
	}
}

func TestCompare_Access_IsASetDifference(t *testing.T) {
	c := before()
	c.Access = changes.Access{"orders-make": {"dynamodb:PutItem on table Orders"}, "orders-list": {"is called by anyone: GET /orders", "dynamodb:Query on table Orders"}}
	got := compare(t, c).Access
	want := []changes.RightsChange{
		{Function: "orders-list", Gained: []string{"is called by anyone: GET /orders"}, Lost: []string{"is called by signed-in: GET /orders"}},
		{Function: "orders-make", Gained: []string{"dynamodb:PutItem on table Orders"}, Added: true},
	}
	if len(got) != 2 || !equalRights(got[0], want[0]) || !equalRights(got[1], want[1]) {
		t.Errorf("got %+v", got)
	}
}

func equalRights(a, b changes.RightsChange) bool {
	return a.Function == b.Function && slices.Equal(a.Gained, b.Gained) && slices.Equal(a.Lost, b.Lost) && a.Added == b.Added && a.Removed == b.Removed
}

func TestComment_HarmfulPullRequest_IsTheExampleOfTheDocs(t *testing.T) {
	got, err := compare(t, harmful()).Comment()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(example, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(example)
	if err != nil || got != string(want) {
		t.Errorf("the comment is\n%s\n%v\nIf that is meant: go test ./delivery/changes -run Comment -update", got, err)
	}
}

// The author of a pull request may be a stranger, who chooses names.
func TestComment_NamesOfAStranger_StayText(t *testing.T) {
	c := harmful()
	const name = "x` @everyone <img src=https://example.com/?a> [a](https://example.com) | ```\n# Approved"
	c.Access = changes.Access{name: {name}}
	tools := recorded()
	tools.Diff = func(string, string, string) (string, error) { return "```\n# Approved\n" + name, nil }
	report, err := changes.Compare(write(t, before()), write(t, c), nil, tools)
	if err != nil {
		t.Fatal(err)
	}
	text, err := report.Comment()
	if err != nil {
		t.Fatal(err)
	}
	inBlock := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inBlock = !inBlock
			continue
		}
		for i, part := range strings.Split(line, "`") {
			if !inBlock && i%2 == 0 && (strings.Contains(part, "@everyone") || strings.Contains(part, "example.com") || strings.HasPrefix(part, "# Approved")) {
				t.Errorf("the line %q has the stranger's text outside code", line)
			}
		}
	}
	if inBlock {
		t.Error("a block of code is not closed")
	}
}

func TestComment_ManyChanges_FitsAComment(t *testing.T) {
	c := harmful()
	tools := recorded()
	tools.Diff = func(string, string, string) (string, error) { return strings.Repeat("[~] é\n", 100_000), nil }
	report, err := changes.Compare(write(t, before()), write(t, c), nil, tools)
	if err != nil {
		t.Fatal(err)
	}
	text, err := report.Comment()
	if err != nil || len(text) > 65_536 || !strings.Contains(text, "is cut here") || !strings.HasPrefix(text, changes.Marker) {
		t.Errorf("the comment has %d bytes, %v", len(text), err)
	}
}

func TestPrograms_HarmfulPullRequest_PrintWhatIsRecorded(t *testing.T) {
	for _, ci := range []string{"", "true"} {
		t.Run("CI="+ci, func(t *testing.T) {
			t.Setenv("CI", ci)
			checkPrograms(t)
		})
	}
}

func checkPrograms(t *testing.T) {
	t.Helper()
	base, head := write(t, before()), write(t, harmful())
	want := compare(t, harmful())
	got, err := changes.Compare(base, head, nil, changes.Programs())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Destructive(), want.Destructive()) || !slices.Equal(got.Contract, want.Contract) {
		t.Errorf("the programs found %+v and %+v", got.Destructive(), got.Contract)
	}
	if !maps.Equal(labelsOf(got), labelsOf(want)) {
		t.Errorf("the labels that are missing are %v", missingLabels(got))
	}
}

func labelsOf(r changes.Report) map[string]bool {
	set := map[string]bool{}
	for _, label := range missingLabels(r) {
		set[label] = true
	}
	return set
}
