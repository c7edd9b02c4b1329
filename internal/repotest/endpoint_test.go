package repotest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

// example matches a block of docs/add-an-endpoint.md that begins with its file's name.
type example struct{ file, text string }

var exampleBlock = regexp.MustCompile("(?s)```(?:go|yaml)\n(?://|#) (\\S+\\.(?:go|yaml))\n(.*?)```")

// lines returns how many lines are not blank.
func (e example) lines() int {
	count := 0
	for line := range strings.Lines(e.text) {
		if strings.TrimSpace(line) != "" {
			count++
		}
	}
	return count
}

// endpoint returns the page and the three files of its example.
func endpoint(t *testing.T) (root, page string, useCase, test, operation example) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docs", "add-an-endpoint.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := exampleBlock.FindAllStringSubmatch(string(text), -1)
	if len(found) != 3 {
		t.Fatalf("docs/add-an-endpoint.md has %d examples that begin with the name of a file, not 3", len(found))
	}
	at := func(i int) example { return example{found[i][1], found[i][2]} }
	return root, string(text), at(1), at(2), at(0)
}

func TestEndpointPage_Example_Works(t *testing.T) {
	root, _, useCase, test, _ := endpoint(t)
	dir := t.TempDir()
	files := map[string]string{}
	for _, e := range []example{useCase, test} {
		source := filepath.Join(dir, filepath.Base(e.file))
		if err := os.WriteFile(source, []byte(e.text), 0o600); err != nil {
			t.Fatal(err)
		}
		files[filepath.Join(root, e.file)] = source
	}
	overlay, err := json.Marshal(map[string]any{"Replace": files})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`func (Test\w+)`).FindStringSubmatch(test.text)[1]
	run := exec.Command("go", "test", "-v", "-vet=all", "-overlay", file, "-run", "^"+name+"$", "./"+filepath.Dir(test.file))
	run.Dir = root
	if out, err := run.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestEndpointPage_Operation_FitsContract(t *testing.T) {
	root, _, useCase, _, operation := endpoint(t)
	document, err := os.ReadFile(filepath.Join(root, operation.file))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.yaml")
	others := strings.Replace(string(document), operation.text, "", 1) // an author may have followed the page
	longer := strings.Replace(others, "\npaths:\n", "\npaths:\n"+operation.text, 1)
	if err := os.WriteFile(file, []byte(longer), 0o600); err != nil {
		t.Fatal(err)
	}
	built, err := os.ReadFile(filepath.Join(root, "api", contract.BuiltFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), contract.BuiltFile), built, 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := contract.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`function\.SignedIn\("([^"]+)"`).FindStringSubmatch(useCase.text)[1]
	if o, known := loaded.Operation(key); !known || o.Public {
		t.Errorf("%s is in the contract: %v, and public: %v", key, known, o.Public)
	}
}

func TestEndpointPage_CountsLines(t *testing.T) {
	_, page, useCase, test, operation := endpoint(t)
	want := fmt.Sprintf("That is %d lines, blank ones not counted: %d of declaration and use case, %d of test, %d of contract, "+
		"one in the domain's list, one in `api/built.txt`, one in `lambdas/measured_requests_test.go` and one in `test/e2e`.",
		useCase.lines()+test.lines()+operation.lines()+4, useCase.lines(), test.lines(), operation.lines())
	if !strings.Contains(strings.Join(strings.Fields(page), " "), want) {
		t.Errorf("docs/add-an-endpoint.md does not say: %s", want)
	}
}
