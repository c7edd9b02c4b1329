package constructs_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/constructs"
)

func ExamplePropsError() {
	stack := newStack()
	defer func() {
		if err, ok := recover().(*constructs.PropsError); ok {
			for _, problem := range err.Problems {
				fmt.Println(problem.Prop, problem.Message)
			}
		}
	}()
	constructs.NewSecureTable(stack, "Users", &constructs.SecureTableProps{RecoveryDays: 90})
	// Output:
	// Name is ""; use 3 to 255 letters, digits, and _ . -
	// PartitionKey.Name is missing; name the attribute
	// RecoveryDays is 90; use 1 to 35
}

// The compiler must refuse each line of testdata/misuse that says so, in the
// words that stand there, and no other.
func TestMisuse_WrongTypes_DoNotCompile(t *testing.T) {
	build := exec.Command("go", "build", "-gcflags=-e", "-o", filepath.Join(t.TempDir(), "misuse"), "./testdata/misuse")
	said, err := build.CombinedOutput()
	if err == nil {
		t.Fatal("testdata/misuse compiles")
	}
	errors := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)main\.go:([0-9]+):[0-9]+: (.*)$`).FindAllStringSubmatch(string(said), -1) {
		errors[found[1]] += found[2]
	}
	wanted := 0
	source := readText(t, "testdata/misuse/main.go")
	for i, line := range strings.Split(source, "\n") {
		number := fmt.Sprint(i + 1)
		_, quoted, ok := strings.Cut(line, "// want ")
		if !ok {
			if said := errors[number]; said != "" {
				t.Errorf("line %s is fine, but the compiler says %q", number, said)
			}
			continue
		}
		wanted++
		want, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("line %s: %v", number, err)
		}
		if !strings.Contains(errors[number], want) {
			t.Errorf("line %s: the compiler says %q, want %q", number, errors[number], want)
		}
	}
	if wanted < 10 {
		t.Errorf("testdata/misuse holds %d mistakes:\n%s", wanted, said)
	}
}

// Each row of docs/constructs/misuse.md names the test that shows what stops
// that mistake.
func TestMisuse_DocumentedCases_AreTested(t *testing.T) {
	var sources strings.Builder
	sources.WriteString(readText(t, "testdata/misuse/main.go"))
	for _, file := range goFiles(t, true) {
		sources.WriteString(readText(t, file))
	}
	rows := 0
	for line := range strings.SplitSeq(readText(t, "../docs/constructs/misuse.md"), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| what") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 4 || !slices.Contains([]string{"compiler", "validation", "synthesis", "AWS, by policy", "no mistake"}, cells[1]) {
			t.Errorf("this row does not say what, what stops it, how, and the test: %s", line)
			continue
		}
		name, part, _ := strings.Cut(strings.Trim(cells[3], "`"), "/")
		if !strings.Contains(sources.String(), "func "+name+"(t *testing.T)") || !strings.Contains(sources.String(), part) {
			t.Errorf("no test is called %s: %s", cells[3], line)
		}
	}
	if rows < 10 {
		t.Errorf("%d rows, want ten or more", rows)
	}
}
