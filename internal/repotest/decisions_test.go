package repotest_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

func TestDecisionPages_AreCompleteAndListed(t *testing.T) {
	expectProblems(t, decisionProblems(t, os.DirFS(filepath.Join(root, "docs", "decisions"))))
}

func TestDecisionProblems(t *testing.T) {
	const index = "| [0001](0001-a.md) | A | accepted |\n"
	const page = "# 0001: A\n\n## Context\n\nx\n\n## Decision\n\ny\n\n## Consequence\n\nz\n"
	amended := strings.Replace(page, "\n\n", "\n\nAmended by [0002](0002-b.md): y.\n\n", 1)
	for _, tc := range []struct {
		name, index, file, page string
		want                    []string
	}{
		{"nothing wrong", index, "0001-a.md", page, nil},
		{"not listed", "", "0001-a.md", page, []string{"0001-a.md: README.md does not list it"}},
		{"listed but gone", index + "| [0002](0002-b.md) | B | accepted |", "0001-a.md", page, []string{"README.md lists 0002-b.md, which does not exist"}},
		{"a gap", strings.ReplaceAll(index, "0001", "0002"), "0002-a.md", strings.ReplaceAll(page, "0001", "0002"), []string{"0002-a.md: the next free number is 0001"}},
		{"another number in the title", index, "0001-a.md", strings.Replace(page, "0001", "0002", 1), []string{"0001-a.md: the title must begin with # 0001: "}},
		{"no consequence", index, "0001-a.md", strings.Replace(page, "## Consequence", "", 1), []string{"0001-a.md: want the sections Context, Decision, Consequence, in this order"}},
		{"no status", "| [0001](0001-a.md) | A |\n", "0001-a.md", page, []string{`0001-a.md: README.md gives the status "", the page's first lines "accepted"`}},
		{"amended and listed as accepted", index, "0001-a.md", amended, []string{`0001-a.md: README.md gives the status "accepted", the page's first lines "amended by 0002"`, "0001-a.md: 0002 changes it, and there is no such later page"}},
		{"listed as replaced, and the page does not say so", strings.Replace(index, "accepted", "replaced by 0002", 1), "0001-a.md", page, []string{`0001-a.md: README.md gives the status "replaced by 0002", the page's first lines "accepted"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pages := fstest.MapFS{"README.md": {Data: []byte(tc.index)}, tc.file: {Data: []byte(tc.page)}}
			expectProblems(t, decisionProblems(t, pages), tc.want...)
		})
	}
}

func TestDecisionStatus_NamesAmendingPages(t *testing.T) {
	const below = "\n\n## Context\n\nAmended by [0009](0009-i.md): not a first line."
	for page, want := range map[string]string{
		"# 0001: A" + below: "accepted",
		"# 0001: A\n\nAmended by [0002](0002-b.md): x.\n\nAmended by [0003](0003-c.md): y." + below: "amended by 0002, 0003",
		"# 0001: A\n\nAmended by [0002](0002-b.md): x.\n\nReplaced by [0003](0003-c.md)." + below:   "replaced by 0003",
	} {
		if got, _ := decisionStatus([]byte(page)); got != want {
			t.Errorf("got %q, want %q of:\n%s", got, want, page)
		}
	}
}

var (
	indexRow = regexp.MustCompile(`(?m)^\| \[[0-9]{4}\]\(([0-9]{4}-[a-z0-9-]+\.md)\) \|[^|]*\|(?: ([^|]*) \|)?$`)
	sections = regexp.MustCompile(`(?s)\n## Context\n.+\n## Decision\n.+\n## Consequence\n.+`)
	change   = regexp.MustCompile(`(?m)^(Amended|Replaced) by \[([0-9]{4})\]\(`)
)

// decisionStatus returns a page's status in the index and the numbers of the pages that change
// this page.
func decisionStatus(page []byte) (status string, changedBy []string) {
	head, _, _ := strings.Cut(string(page), "\n## ")
	status = "accepted"
	for _, line := range change.FindAllStringSubmatch(head, -1) {
		changedBy = append(changedBy, line[2])
		if line[1] == "Replaced" {
			return "replaced by " + line[2], changedBy
		}
		status = "amended by " + strings.Join(changedBy, ", ")
	}
	return status, changedBy
}

// decisionProblems compares the decision pages with the index and the required form.
func decisionProblems(t *testing.T, dir fs.FS) (problems []string) {
	t.Helper()
	index, err := fs.ReadFile(dir, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{} // the status by the page
	for _, row := range indexRow.FindAllStringSubmatch(string(index), -1) {
		listed[row[1]] = row[2]
	}
	names, err := fs.Glob(dir, "[0-9]*.md") // sorted
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		page, err := fs.ReadFile(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprintf("%04d", i+1)
		status, changedBy := decisionStatus(page)
		if got, isListed := listed[name]; !isListed {
			problems = append(problems, name+": README.md does not list it")
		} else if got != status {
			problems = append(problems, fmt.Sprintf("%s: README.md gives the status %q, the page's first lines %q", name, got, status))
		}
		for _, other := range changedBy {
			if n, err := strconv.Atoi(other); err != nil || n <= i+1 || n > len(names) {
				problems = append(problems, name+": "+other+" changes it, and there is no such later page")
			}
		}
		if !strings.HasPrefix(name, number) {
			problems = append(problems, name+": the next free number is "+number)
		} else if !strings.HasPrefix(string(page), "# "+number+": ") {
			problems = append(problems, name+": the title must begin with # "+number+": ")
		}
		if !sections.Match(page) {
			problems = append(problems, name+": want the sections Context, Decision, Consequence, in this order")
		}
		delete(listed, name)
	}
	for name := range listed {
		problems = append(problems, "README.md lists "+name+", which does not exist")
	}
	return problems
}
