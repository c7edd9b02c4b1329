package repotest_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// forbiddenNames are words that no identifier of Go code contains, each with the name
// that the field uses.
var forbiddenNames = map[string]string{
	"nobody":     "name the actor or the case: unknownUser, signedOut",
	"somebody":   "name the actor: otherUser, caller",
	"someone":    "name the actor: otherUser, caller",
	"anybody":    "name the actor: every client, AccessPublic",
	"anyone":     "name the actor: every client, AccessPublic",
	"everybody":  "name the actor: allUsers, anyPrincipal",
	"everyone":   "name the actor: allUsers, anyPrincipal",
	"whoever":    "name the actor: caller, holder",
	"mend":       "a change of another program's source is a patch",
	"mends":      "a change of another program's source is a patch",
	"patience":   "a limit of time is a timeout",
	"leash":      "a pipe that ends a child process is a parentPipe",
	"household":  "an address range is a prefix: ipv6PrefixBits",
	"unattended": "a function without a waiting caller is a background function",
}

func TestGoCode_ForbiddenWords_AreAbsent(t *testing.T) {
	files := goFiles(t)
	for _, file := range files {
		for _, problem := range goWordProblems(t, string(MustRead(t, file))) {
			t.Errorf("%s:%s", file, problem)
		}
	}
	if len(files) < 200 {
		t.Errorf("found %d files, want at least 200", len(files))
	}
}

func TestGoWordProblems_ForbiddenWords_NameLineAndReason(t *testing.T) {
	expectProblems(t, goWordProblems(t, `package p

// Nobody calls it.
func askAnyone(log logger, t tester) {
	log.Info("told everyone")
	t.Errorf("whoever asked: %v", NoBody)
	const stored = "somebody" // recommended, amended
}
`),
		`3: "nobody": name the actor: no client, no user`,
		`4: askAnyone contains "anyone": name the actor: every client, AccessPublic`,
		`5: "everyone": name the actor: every client, all users`,
		`6: "whoever": name the actor: the client that, an attacker who`)
}

// goFiles returns the Go files to check: all except the tests of this folder that
// contain the words themselves.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	walk(t, ".go", func(path string) {
		if !strings.HasSuffix(path, "words_test.go") {
			files = append(files, path)
		}
	})
	return files
}

// goWordProblems returns the forbidden words in the comments, messages and identifiers
// of a Go file, each with its line and reason.
func goWordProblems(t *testing.T, source string) (problems []string) {
	t.Helper()
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	text := func(position token.Pos, text string) {
		for _, problem := range wordProblems(text) {
			_, rest, _ := strings.Cut(problem, ": ")
			problems = append(problems, fmt.Sprintf("%d: %s", files.Position(position).Line, rest))
		}
	}
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			text(comment.Pos(), comment.Text)
		}
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.CallExpr:
			if isMessageCall(n) {
				for _, argument := range n.Args {
					if literal, ok := argument.(*ast.BasicLit); ok && literal.Kind == token.STRING {
						value, _ := strconv.Unquote(literal.Value) // the parser accepted the literal
						text(literal.Pos(), value)
					}
				}
			}
		case *ast.Ident:
			for _, word := range partsOfName(n.Name) {
				if reason := forbiddenNames[word]; reason != "" {
					problems = append(problems, fmt.Sprintf("%d: %s contains %q: %s", files.Position(n.Pos()).Line, n.Name, word, reason))
				}
			}
		}
		return true
	})
	return problems
}

// isMessageCall reports whether a call writes a log line, a test message or an error:
// a method such as Info, WarnContext, Errorf or Fatal.
func isMessageCall(call *ast.CallExpr) bool {
	method, ok := call.Fun.(*ast.SelectorExpr)
	return ok && messageMethod.MatchString(method.Sel.Name)
}

var messageMethod = regexp.MustCompile(`^((Debug|Info|Warn|Error)(Context)?|Log|LogAttrs|(Log|Error|Fatal|Skip|Panic)f|Fatal|Skip|New)$`)

// partsOfName returns the words of a name in camel case, in lower case.
func partsOfName(name string) []string {
	var parts []string
	for _, part := range namePart.FindAllString(name, -1) {
		parts = append(parts, strings.ToLower(part))
	}
	return parts
}

var namePart = regexp.MustCompile(`[A-Z]?[a-z]+|[A-Z]+`)
