package policy_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/policy"
)

const page = "../docs/policy.md"

func TestPolicyPage_ListsRules(t *testing.T) {
	text := read(t, page)
	for _, r := range policy.Rules() {
		if row := fmt.Sprintf("| `%s` | %s | %s | %s |\n", r.ID, r.Title, r.Why, r.Fix); !strings.Contains(text, row) {
			t.Errorf("%s lacks the row\n%s", page, row)
		}
	}
	if rows := strings.Count(text, "| `policy::"); rows != len(policy.Rules()) {
		t.Errorf("%s has %d rules, there are %d", page, rows, len(policy.Rules()))
	}
}

func TestPolicyPage_ShowsExample(t *testing.T) {
	unindented := func(text string) string { return regexp.MustCompile(`(?m)^\s+`).ReplaceAllString(text, "") }
	example := unindented(read(t, "example_test.go"))
	for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(read(t, page), -1) {
		if !strings.Contains(example, unindented(block[1])) {
			t.Errorf("this is not in the Example:\n%s", block[1])
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
