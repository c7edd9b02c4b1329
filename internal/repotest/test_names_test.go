package repotest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

// testFunction matches a declared test, fuzz target or benchmark.
var testFunction = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)([A-Z]\w*)$`)

// articleOrPronoun matches the start of a test's name that does not name its subject.
var articleOrPronoun = regexp.MustCompile(`^(A[A-Z][a-z]|A_|(An|The|No|Every|Each|What|Whose|Who|It|Its|Only|All|Some|Nobody|Anybody|Somebody|That|This|These|They|One|If|When|Whether)([A-Z_]|$))`)

// clause matches a name whose subject part is a sentence with a subordinate clause.
var clause = regexp.MustCompile(`^[A-Za-z0-9]*[a-z](When|They|Their|Who|Which|That)([A-Z]|_|$)`)

func TestTests_Names_SayTheirSubject(t *testing.T) {
	tests := 0
	walk(t, "_test.go", func(path string) {
		for _, name := range testNames(t, path) {
			tests++
			if problem := testNameProblem(name); problem != "" {
				t.Errorf("%s: %s %s", path, name, problem)
			}
		}
	})
	if tests < 100 {
		t.Errorf("found %d tests, want at least 100", tests)
	}
}

// Examples of pages follow the rule, too.
func TestTestsInPages_Names_SayTheirSubject(t *testing.T) {
	goBlock := regexp.MustCompile("(?s)```go\n(.*?)```")
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)
	tests := 0
	for _, page := range markdown(t) {
		for _, block := range goBlock.FindAllStringSubmatch(string(MustRead(t, page)), -1) {
			for _, name := range declared.FindAllStringSubmatch(block[1], -1) {
				tests++
				if problem := testNameProblem(name[1]); problem != "" {
					t.Errorf("%s: %s %s", page, name[1], problem)
				}
			}
		}
	}
	if tests == 0 {
		t.Error("no page has a test")
	}
}

func TestTestNameProblem_BadNames_AreReported(t *testing.T) {
	for name, bad := range map[string]bool{
		"TestParse": false, "TestLogin_UnknownUser_IsRefused": false, "TestItems_AreSorted": false, "TestAPI_Throttles": false,
		"TestOnSchedule_Runs": false, "TestMain": false, "FuzzDecode": false,
		"TestAWrongPasswordIsRefused": true, "TestNobodyReads": true, "TestThe_Thing": true, "FuzzEveryInput": true,
		"TestLogin_UnknownUser_IsRefused_Twice": true, "TestUsersLearnWhenTheyJoined": true,
	} {
		if got := testNameProblem(name); (got != "") != bad {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// testNameProblem says what is wrong with the name of a test, or "".
func testNameProblem(name string) string {
	match := testFunction.FindStringSubmatch(name)
	switch {
	case match == nil:
		return ""
	case articleOrPronoun.MatchString(match[1]):
		return "begins with an article or a pronoun: begin with the function, type or operation under test"
	case clause.MatchString(match[1]):
		return "is a sentence: TestSubject_Condition_Outcome"
	case strings.Count(name, "_") > 2:
		return "has more than two underscores: TestSubject_Condition_Outcome"
	}
	return ""
}

// testNames returns the functions of a file that go test runs.
func testNames(t *testing.T, path string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "", MustRead(t, path), parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, declaration := range parsed.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && testFunction.MatchString(f.Name.Name) {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
