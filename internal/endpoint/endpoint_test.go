package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

const moduleRoot = "../.."

// project returns a copy of the parts of the module that the command reads and writes.
func project(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for _, folder := range []string{"api", "lambdas"} {
		err := filepath.WalkDir(filepath.Join(moduleRoot, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if extension := filepath.Ext(path); extension != ".go" && folder != "api" {
				return nil
			}
			relative, err := filepath.Rel(moduleRoot, path)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			write(t, filepath.Join(root, relative), string(text))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// projectWithout returns a copy in which domains are not built: their folders, their
// entries in the list, and their operations below a path that has the domain's name.
func projectWithout(t *testing.T, domains ...string) string {
	t.Helper()
	root := project(t)
	for _, domain := range domains {
		if err := os.RemoveAll(filepath.Join(root, "lambdas", domain)); err != nil {
			t.Fatal(err)
		}
		for file, lines := range map[string]string{"lambdas/domains.go": `\b` + domain + `("|\.Domain)`, "api/built.txt": ` (/profile)?/` + domain + `\b`} {
			path := filepath.Join(root, file)
			write(t, path, regexp.MustCompile(`(?m)^.*`+lines+`.*\n`).ReplaceAllString(read(t, path), ""))
		}
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// overlay returns a file for -overlay, by which the go command reads the Go files of the
// copy in place of those of the module.
func overlay(t *testing.T, root string) string {
	t.Helper()
	absolute, err := filepath.Abs(moduleRoot)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	err = filepath.WalkDir(filepath.Join(root, "lambdas"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(root, path)
		place := filepath.Join(absolute, relative)
		if present, missing := os.ReadFile(place); missing != nil || string(present) != read(t, path) {
			replace[place] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range goFiles(t, filepath.Join(absolute, "lambdas")) {
		relative, err := filepath.Rel(absolute, place)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(root, relative)); os.IsNotExist(err) {
			replace[place] = "" // as if the file were not there
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	write(t, file, string(text))
	return file
}

// goFiles returns the paths of the Go files below a folder.
func goFiles(t *testing.T, folder string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func golang(args ...string) (string, error) {
	command := exec.Command("go", args...)
	command.Dir = moduleRoot
	out, err := command.CombinedOutput()
	return string(out), err
}

// remaining returns the operations that are not built.
func remaining(t *testing.T, root string) []operation {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile(filepath.Join(root, "api", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	built := strings.Split(read(t, filepath.Join(root, "api", "built.txt")), "\n")
	var all []operation
	for path, item := range document.Paths.Map() {
		for method, declared := range item.Operations() {
			if slices.Contains(built, method+" "+path) {
				continue
			}
			op, err := operationOf(document, method, path, item, declared)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.id, b.id) })
	return all
}

// scaffoldIn runs the command for an operation, in the folder of its tag.
func scaffoldIn(t *testing.T, root string, op operation, more ...string) {
	t.Helper()
	if err := run(root, append([]string{"-op", op.id, "-domain", op.tag}, more...), io.Discard); err != nil {
		t.Fatalf("%s: %v", op.id, err)
	}
}

var useCaseBody = regexp.MustCompile(`(?s)\) \((\S+), error\) \{\n\t// Write the use case, .*\n\}\n$`)

// finish writes a use case that returns an empty response.
func finish(t *testing.T, root string, op operation) {
	t.Helper()
	path := filepath.Join(root, "lambdas", op.tag, snake(op.id)+".go")
	source := read(t, path)
	if !useCaseBody.MatchString(source) {
		t.Fatalf("%s has no use case to write:\n%s", path, source)
	}
	write(t, path, useCaseBody.ReplaceAllString(source, ") ($1, error) {\n\treturn $1{}, nil\n}\n"))
}

// The declarations and types that the command writes must pass the tests that compare
// them with the contract, so that authors begin with what fits. No other domain imports
// the two that are written anew.
func TestScaffold_OperationsOfTwoDomains_FitContract(t *testing.T) {
	root := projectWithout(t, "bills", "subscription")
	if err := os.Remove(filepath.Join(root, "lambdas", "bill_calls_test.go")); err != nil {
		t.Fatal(err)
	}
	operations := remaining(t, root)
	if len(operations) != 10 {
		t.Fatalf("%d operations are left", len(operations))
	}
	for _, op := range operations {
		scaffoldIn(t, root, op)
		finish(t, root, op)
		if err := os.Remove(filepath.Join(root, "lambdas", op.tag, snake(op.id)+"_test.go")); err != nil {
			t.Fatal(err)
		}
	}
	out, err := golang("test", "-vet=off", "-overlay", overlay(t, root), "./lambdas", "./test/contract", "-run",
		"^(TestDeclarations_AreValid|TestNewHandler_EveryFunction_StartsWithWhatItDeclares|TestRequests_AreReadAsContractSays|"+
			"TestRequests_EveryText_RefusesHostileTexts|TestResponses_TypesFitContract|TestRoutes_AreOperationsOfContract)$")
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestScaffold_UnfinishedOperation_DoesNotCompile(t *testing.T) {
	root := projectWithout(t, "goals", "credit")
	op := operation{id: "createGoal", tag: "goals"}
	scaffoldIn(t, root, op)
	out, err := golang("build", "-overlay", overlay(t, root), "./lambdas/goals")
	if err == nil || !strings.Contains(out, "create_goal.go") || !strings.Contains(out, "missing return") {
		t.Errorf("the use case: got %v\n%s", err, out)
	}
	finish(t, root, op)
	out, err = golang("test", "-vet=off", "-c", "-o", os.DevNull, "-overlay", overlay(t, root), "./lambdas/goals")
	if err == nil || !strings.Contains(out, "create_goal_test.go") || !strings.Contains(out, "declared and not used: got") {
		t.Errorf("the test: got %v\n%s", err, out)
	}
	test := filepath.Join(root, "lambdas", "goals", "create_goal_test.go")
	write(t, test, strings.Replace(read(t, test), "\t// Compare got", "\tif got != (createGoalResponse{}) {\n\t\tt.Error(got)\n\t}\n\t// Compare got", 1))
	if out, err := golang("test", "-vet=off", "-c", "-o", os.DevNull, "-overlay", overlay(t, root), "./lambdas/goals"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestScaffold_CreateGoal_WritesRulesOfContract(t *testing.T) {
	root := projectWithout(t, "goals", "credit")
	scaffoldIn(t, root, operation{id: "createGoal", tag: "goals"}, "-stack", "ai")
	scaffoldIn(t, root, operation{id: "updateGoal", tag: "goals"}, "-plain", "targetAmount")
	for path, want := range map[string][]string{
		"lambdas/goals/create_goal.go": {
			`function.SignedIn("POST /goals", (*createGoal).Create),`,
			"CurrentAmount *money.Amount `json:\"currentAmount\" validate:\"required\"`",
			"TargetDate    string        `json:\"targetDate\" validate:\"required,instant\"`",
			"Milestones                  function.List[goalMilestoneResponse] `json:\"milestones\"`",
			"CreatedAt                   dates.Instant                        `json:\"createdAt\"`",
		},
		"lambdas/goals/update_goal.go": {
			"ID string `path:\"id\" json:\"-\" validate:\"required,max=128,plaintext\"`",
			"\tbyID\n",
			"`json:\"priority\" validate:\"omitempty,oneof=high medium low\"`",
			"TargetAmount     *float64",
		},
		"lambdas/goals/domain.go":         {"Stack:     function.StackAI,", "{CreateGoal, UpdateGoal}"},
		"lambdas/goals/bootstrap/main.go": {"lambdaruntime.Start(goals.Domain)"},
		"lambdas/domains.go":              {"\t\tgoals.Domain,\n", "lambdas/function\"\n\t\"github.com/expenzez/infrastructure/lambdas/goals\"\n"},
		"api/built.txt":                   {"GET /expenses/{expenseId}\nGET /health", "\nPOST /goals\n", "\nPUT /goals/{id}\n"},
	} {
		text := read(t, filepath.Join(root, path))
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%s", path, part, text)
			}
		}
	}
}

// The page's example is what the command writes, with the use case and the comparison filled in.
func TestScaffold_ExampleOfPage_HasLinesThatCommandWrites(t *testing.T) {
	page := read(t, filepath.Join(moduleRoot, "docs", "add-an-endpoint.md"))
	block := func(file string) string {
		found := regexp.MustCompile("(?s)```(?:go|yaml)\n(?://|#) " + regexp.QuoteMeta(file) + "\n(.*?)```").FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no %s", file)
		}
		return found[1]
	}
	root := project(t)
	withoutExample(t, root, block("api/openapi.yaml"))
	document := filepath.Join(root, "api", "openapi.yaml")
	write(t, document, strings.Replace(read(t, document), "\npaths:\n", "\npaths:\n"+block("api/openapi.yaml"), 1))
	var out strings.Builder
	if err := run(root, []string{"-op", "getMemberSince", "-domain", "profile"}, &out); err != nil {
		t.Fatal(err)
	}
	written := 2 // in the domain's list and in api/built.txt
	for file, filledIn := range map[string][]string{
		"lambdas/profile/get_member_since.go":      {"type getMemberSince struct{}", "return &getMemberSince{}, nil", "Permissions: function.Permissions{},"},
		"lambdas/profile/get_member_since_test.go": {"g := &getMemberSince{}", "func TestGetMemberSince_ValidRequest_Succeeds(t *testing.T) {"},
	} {
		if !strings.Contains(out.String(), file) {
			t.Errorf("the command does not name %s:\n%s", file, &out)
		}
		example := lines(block(file))
		for _, line := range lines(read(t, filepath.Join(root, file))) {
			if slices.Contains(filledIn, line) || strings.Contains(line, "in place of this comment.") {
				continue
			}
			written++
			if !slices.Contains(example, line) {
				t.Errorf("%s of the page lacks %q, which the command writes", file, line)
			}
		}
	}
	if want := fmt.Sprintf("writes %d of them", written); !strings.Contains(page, want) {
		t.Errorf("the page does not say that the command %s", want)
	}
	for _, step := range []string{"lambdas/measured_requests_test.go", "test/e2e", "make generate"} {
		if !strings.Contains(out.String(), step) || !strings.Contains(page, step) {
			t.Errorf("the command and the page do not both name %s:\n%s", step, &out)
		}
	}
}

// withoutExample removes what an author who follows the page adds.
func withoutExample(t *testing.T, root, operation string) {
	t.Helper()
	for _, file := range []string{"get_member_since.go", "get_member_since_test.go"} {
		if err := os.RemoveAll(filepath.Join(root, "lambdas", "profile", file)); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		"api/openapi.yaml": operation, "api/built.txt": "GET /profile/member-since\n", "lambdas/profile/domain.go": ", GetMemberSince",
	} {
		path := filepath.Join(root, file)
		write(t, path, strings.Replace(read(t, path), text, "", 1))
	}
}

// lines returns the lines of a text that are not blank, without their indentation.
func lines(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func TestRun_OperationThatCannotBeWritten_ChangesNothing(t *testing.T) {
	root := projectWithout(t, "goals", "credit")
	scaffoldIn(t, root, operation{id: "createGoal", tag: "goals"})
	write(t, filepath.Join(root, "lambdas", "goals", "delete_goal_test.go"), "package goals\n")
	before := snapshot(t, root)
	for want, args := range map[string][]string{
		"has no operation \"createGaol\"":                 {"-op", "createGaol"},
		"POST /goals is in api/built.txt":                 {"-op", "createGoal", "-domain", "profile"},
		"lambdas/goals/create_goal.go exists":             {"-op", "createGoal"},
		"lambdas/goals/delete_goal_test.go exists":        {"-op", "deleteGoal"},
		"DOMAIN=credit, and the folder is made":           {"-op", "listCreditCards"},
		"GET /notifications/unsubscribe/{token} takes or": {"-op", "askToUnsubscribe"},
		"there is no stack \"money\"":                     {"-op", "listCreditCards", "-domain", "credit", "-stack", "money"},
		"GET /profile is in api/built.txt: it is built":   {"-op", "getProfile"},
		"flag provided but not defined: -operation":       {"-operation", "createGoal"},
	} {
		if err := run(root, args, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
	}
	if after := snapshot(t, root); after != before {
		t.Error("files changed")
	}
}

// snapshot returns all files of a folder with their texts.
func snapshot(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			all.WriteString(path + "\n" + read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestNames_ContractNames_BecomeGoNames(t *testing.T) {
	for name, want := range map[string][3]string{
		"createGoal": {"CreateGoal", "createGoal", "create_goal"},
		"given_name": {"GivenName", "givenName", "given_name"},
		"id":         {"ID", "id", "id"},
		"deviceIds":  {"DeviceIDs", "deviceIDs", "device_ids"},
		"uploadUrl":  {"UploadURL", "uploadURL", "upload_url"},
		"totalXP":    {"TotalXP", "totalXP", "total_xp"},
		"30d":        {"N30d", "30d", "30d"},
		"XPState":    {"XPState", "xpState", "xp_state"},
	} {
		if got := [3]string{exported(name), unexported(name), snake(name)}; got != want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
