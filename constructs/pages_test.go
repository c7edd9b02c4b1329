package constructs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const pages = "../docs/constructs"

func readText(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// goFiles lists the package's files, or those of its tests.
func goFiles(t *testing.T, tests bool) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files: %v", err)
	}
	var kept []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") == tests {
			kept = append(kept, file)
		}
	}
	return kept
}

func TestIndex_ListsEveryPage(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pages, "*.md"))
	if err != nil || len(files) < 2 {
		t.Fatalf("no pages: %v", err)
	}
	index := readText(t, filepath.Join(pages, "README.md"))
	for _, file := range files {
		if name := filepath.Base(file); name != "README.md" && !strings.Contains(index, "("+name+")") {
			t.Errorf("README.md does not list %s", name)
		}
	}
}

func TestConstructors_HaveExamplesAndPages(t *testing.T) {
	var documents, tests strings.Builder
	files, _ := filepath.Glob(filepath.Join(pages, "*.md"))
	for _, file := range files {
		documents.WriteString(readText(t, file))
	}
	for _, file := range goFiles(t, true) {
		tests.WriteString(readText(t, file))
	}
	constructor := regexp.MustCompile(`(?m)^func ((?:New|Import|Allow)[A-Z]\w*)\(`)
	found := 0
	for _, file := range goFiles(t, false) {
		for _, name := range constructor.FindAllStringSubmatch(readText(t, file), -1) {
			found++
			if !strings.Contains(tests.String(), "func Example"+name[1]+"()") && !strings.HasPrefix(name[1], "Allow") {
				t.Errorf("%s has no Example%s", file, name[1])
			}
			if documented := strings.TrimPrefix(name[1], "New"); !strings.Contains(documents.String(), documented) {
				t.Errorf("no page in docs/constructs speaks of %s", documented)
			}
		}
	}
	if found == 0 {
		t.Error("found no constructor")
	}
}

// A prop that its page does not name, or whose comment does not end in its
// default, might as well not exist.
func TestProps_AreOnTheirPagesWithDefaults(t *testing.T) {
	var documents strings.Builder
	files, _ := filepath.Glob(filepath.Join(pages, "*.md"))
	for _, file := range files {
		documents.WriteString(readText(t, file))
	}
	props := regexp.MustCompile(`(?ms)^type (\w+Props) struct \{\n(.*?)^\}`)
	prop := regexp.MustCompile(`(?m)((?:^\t//.*\n)+)^\t([A-Z]\w*) `)
	found := 0
	for _, file := range goFiles(t, false) {
		for _, s := range props.FindAllStringSubmatch(readText(t, file), -1) {
			for _, p := range prop.FindAllStringSubmatch(s[2], -1) {
				found++
				if !strings.Contains(p[1], "Default:") && !strings.Contains(strings.ReplaceAll(p[1], "\n\t//", ""), "equired") {
					t.Errorf("%s: %s.%s says neither its default nor that it is required", file, s[1], p[2])
				}
				if !strings.Contains(documents.String(), "| `"+p[2]+"` |") {
					t.Errorf("%s: no page has a row for %s.%s", file, s[1], p[2])
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("found only %d props", found)
	}
}

// The package comment and the page for users of plain CDK list the constructors that
// return an object of CDK.
func TestConstructors_ThatReturnObjectsOfCDK_AreListed(t *testing.T) {
	returnsCDK := regexp.MustCompile(`(?m)^func (New\w+)\(scope constructs\.Construct, .*\) aws\w+\.`)
	comment := strings.ReplaceAll(readText(t, "doc.go"), "\n//", "")
	page := readText(t, filepath.Join(pages, "from-plain-cdk.md"))
	count := 0
	for _, file := range goFiles(t, false) {
		for _, match := range returnsCDK.FindAllStringSubmatch(readText(t, file), -1) {
			count++
			if !strings.Contains(comment, " "+match[1]) || !strings.Contains(page, "`"+match[1]+"`") {
				t.Errorf("%s returns an object of CDK; doc.go or from-plain-cdk.md does not list it", match[1])
			}
		}
	}
	if count != 6 {
		t.Errorf("%d constructors return an object of CDK, the pages say six", count)
	}
}
