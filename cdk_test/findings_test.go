package cdk_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// edgeFindings are the findings that us-east-1 also sends. Root's sign-in is sent there only.
var edgeFindings = []string{"threats", "drift", "failed-drift-detection", "stopped-controls", "root-use"}

// The events of testdata/findings are AWS's examples with the stage's names. Each raises one alert.
func TestFindings_RecordedEvent_MatchesItsRuleOnly(t *testing.T) {
	full := fullProd(t)
	rules := full.findingRules("governance")
	events := recordedEvents(t, full, "findings")
	if got, want := slices.Sorted(maps.Keys(rules)), slices.Sorted(maps.Keys(events)); !slices.Equal(got, want) {
		t.Fatalf("there are rules for %q, and events of %q", got, want)
	}
	for _, name := range edgeFindings {
		if _, built := full.findingRules("edge")[name]; !built {
			t.Errorf("the edge's region has no rule for %s", name)
		}
	}
	for name, event := range events {
		if matched := matching(rules, event); !slices.Equal(matched, []string{name}) {
			t.Errorf("the event of %s raises the alerts %q", name, matched)
		}
	}
}

// The events of testdata/quiet differ from those of testdata/findings in one value.
func TestFindings_OrdinaryEvent_RaisesNoAlert(t *testing.T) {
	full := fullProd(t)
	for _, stack := range []string{"governance", "edge"} {
		for name, event := range recordedEvents(t, full, "quiet") {
			if matched := matching(full.findingRules(stack), event); len(matched) > 0 {
				t.Errorf("%s raises the alerts %q in the stack %s", name, matched, stack)
			}
		}
	}
}

func TestFindings_EachRule_NotifiesTopicAndLinksRunbook(t *testing.T) {
	runbook, err := os.ReadFile(filepath.Join(moduleDir, "docs", "runbooks", "governance.md"))
	if err != nil {
		t.Fatal(err)
	}
	eachProfile(t, func(t *testing.T, s stage) {
		for _, stack := range watchedStacks {
			rules := s.findingRules(stack)
			if len(rules) < 4 {
				t.Errorf("the stack %s has rules for %v", stack, slices.Sorted(maps.Keys(rules)))
			}
			for name, rule := range rules {
				if targets := text(rule.Properties["Targets"]); !strings.Contains(targets, "AlertsTopic") {
					t.Errorf("%s is sent to %s", name, targets)
				}
				description, _ := rule.Properties["Description"].(string)
				if !strings.HasSuffix(description, "docs/runbooks/governance.md#"+name) || !strings.Contains(string(runbook), "\n## "+name+"\n") {
					t.Errorf("%s has no section in the runbook: %s", name, description)
				}
			}
		}
	})
}

// findingRules returns a stack's rules with an event pattern by their name without the stage.
func (s stage) findingRules(stack string) map[string]resource {
	rules := map[string]resource{}
	for _, rule := range s.inStack(stack, "AWS::Events::Rule") {
		name, _ := rule.Properties["Name"].(string)
		rules[strings.TrimPrefix(name, s.config.PhysicalName(""))] = rule
	}
	return rules
}

func matching(rules map[string]resource, event any) (matched []string) {
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if matchesPattern(rules[name].Properties["EventPattern"], event) {
			matched = append(matched, name)
		}
	}
	return matched
}

// recordedEvents returns the events in a folder of testdata by the names of their files.
func recordedEvents(t *testing.T, s stage, folder string) map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no events in %s: %v", folder, err)
	}
	events := map[string]any{}
	for _, file := range files {
		recorded, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var event any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(recorded), "-STAGE-", "-"+s.config.Stage+"-")), &event); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		events[strings.TrimSuffix(filepath.Base(file), ".json")] = event
	}
	return events
}

// matchesPattern reports whether an event matches a pattern of EventBridge. It knows the operators that the
// rules use, and panics at others.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func matchesPattern(pattern, event any) bool {
	switch p := pattern.(type) {
	case map[string]any:
		if list, several := event.([]any); several { // one of the objects must match
			return slices.ContainsFunc(list, func(one any) bool { return matchesPattern(p, one) })
		}
		object, _ := event.(map[string]any)
		for key, inner := range p {
			if key == "$or" {
				if !slices.ContainsFunc(inner.([]any), func(one any) bool { return matchesPattern(one, event) }) {
					return false
				}
				continue
			}
			if value, has := object[key]; !has || !matchesPattern(inner, value) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(p, func(alternative any) bool { return matchesValue(alternative, event) })
	}
	panic(fmt.Sprintf("a pattern has %v", pattern))
}

func matchesValue(alternative, value any) bool {
	operator, is := alternative.(map[string]any)
	if !is {
		return alternative == value
	}
	if prefix, is := operator["prefix"].(string); is {
		text, _ := value.(string)
		return strings.HasPrefix(text, prefix)
	}
	if wildcard, is := operator["wildcard"].(string); is {
		text, _ := value.(string)
		return matchesWildcard(wildcard, text)
	}
	if none, is := operator["anything-but"].(map[string]any); is {
		text, _ := value.(string)
		return !slices.ContainsFunc(none["wildcard"].([]any), func(one any) bool { return matchesWildcard(one.(string), text) })
	}
	if numeric, is := operator["numeric"].([]any); is && len(numeric) == 2 && (numeric[0] == ">=" || numeric[0] == ">") {
		number, isNumber := value.(float64)
		return isNumber && (number > numeric[1].(float64) || number == numeric[1].(float64) && numeric[0] == ">=")
	}
	panic(fmt.Sprintf("a pattern has the operator %v", operator))
}

// matchesWildcard knows patterns of the form *middle*.
func matchesWildcard(wildcard, text string) bool {
	middle := strings.Trim(wildcard, "*")
	if wildcard != "*"+middle+"*" || strings.Contains(middle, "*") {
		panic("a pattern has the wildcard " + wildcard)
	}
	return strings.Contains(text, middle)
}

// A release moves every alias, which CloudFormation reports as a difference from the template.
func TestFindings_DriftOfAliasesOnly_RaisesNoAlert(t *testing.T) {
	eachProfile(t, func(t *testing.T, s stage) {
		if !s.config.Controls.Governance.Drift {
			return
		}
		pattern := s.findingRules("governance")["drift"].Properties["EventPattern"]
		if length := len(text(pattern)); length > 2048 { // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
			t.Errorf("the pattern has %d characters", length)
		}
		for name, template := range s.templates {
			aliases := 0
			for _, r := range template.Resources {
				if r.Type == "AWS::Lambda::Alias" {
					aliases++
				}
			}
			for drifted, want := range map[int]bool{aliases: aliases == 0, aliases + 1: true} {
				event := map[string]any{
					"source": "aws.cloudformation", "detail-type": "CloudFormation Drift Detection Status Change",
					"detail": map[string]any{
						"stack-id":                "arn:aws:cloudformation:eu-west-2:333333333333:stack/" + name + "/1a2b3c4d",
						"status-details":          map[string]any{"stack-drift-status": "DRIFTED"},
						"drift-detection-details": map[string]any{"drifted-stack-resource-count": float64(drifted)},
					},
				}
				if got := matchesPattern(pattern, event); got != want {
					t.Errorf("%s has %d aliases; %d differences raise an alert: %t", name, aliases, drifted, got)
				}
			}
		}
	})
}

func TestMatchesPattern_MissingKeyOrOtherValue_DoesNotMatch(t *testing.T) {
	var pattern any
	if err := json.Unmarshal([]byte(`{"source": ["a", "b"], "detail": {"list": {"n": [{"numeric": [">=", 4]}], "name": [{"prefix": "x-"}]}}}`), &pattern); err != nil {
		t.Fatal(err)
	}
	for event, want := range map[string]bool{
		`{"source": "b", "detail": {"list": [{"n": 3, "name": "x-1"}, {"n": 4, "name": "x-1"}]}}`: true,
		`{"source": "b", "detail": {"list": [{"n": 3, "name": "x-1"}, {"n": 4, "name": "y-1"}]}}`: false,
		`{"source": "c", "detail": {"list": [{"n": 4, "name": "x-1"}]}}`:                          false,
		`{"source": "a", "detail": {}}`: false,
	} {
		var decoded any
		if err := json.Unmarshal([]byte(event), &decoded); err != nil {
			t.Fatal(err)
		}
		if got := matchesPattern(pattern, decoded); got != want {
			t.Errorf("%s matches: %v", event, got)
		}
	}
}
