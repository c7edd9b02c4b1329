package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/test/contract"
)

const module = "github.com/expenzez/infrastructure/"

// projectPackages are the packages of the module that generated code may use.
var projectPackages = []string{"lambdas/function", "lambdas/internal/dates", "lambdas/money"}

// goFile returns a formatted file with the imports that its body needs.
func goFile(pkg, standard, body string) (string, error) {
	var imports strings.Builder
	for _, path := range projectPackages {
		if regexp.MustCompile(`\b` + filepath.Base(path) + `\.[A-Z]`).MatchString(body) {
			fmt.Fprintf(&imports, "\t%q\n", module+path)
		}
	}
	source := fmt.Sprintf("package %s\n\nimport (\n\t%q\n\n%s)\n%s", pkg, standard, imports.String(), body)
	formatted, err := format.Source([]byte(source))
	if err != nil {
		return "", fmt.Errorf("the generated code: %w\n%s", err, source)
	}
	return string(formatted), nil
}

// declarations returns the names that the package in the folder declares. There are none
// if there is no folder.
func declarations(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) != ".go" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, entry.Name()), nil, 0)
		if err != nil {
			return nil, err
		}
		for _, declaration := range parsed.Decls {
			names = append(names, declaredNames(declaration)...)
		}
	}
	return names, nil
}

func declaredNames(declaration ast.Decl) []string {
	var names []string
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// addBuilt returns the list of built operations with the key.
func addBuilt(root, key string) (file, error) {
	path := filepath.Join("api", contract.BuiltFile)
	list, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return file{}, err
	}
	if slices.Contains(strings.Split(string(list), "\n"), key) {
		return file{}, fmt.Errorf("%s is in %s: it is built", key, path)
	}
	return file{path, contract.AddBuilt(string(list), key)}, nil
}

// domainFiles returns the files by which the domain has the operation's function: its
// list of functions, and all files of a domain that is new.
func domainFiles(root string, o options, op operation, missing, named bool) ([]file, error) {
	list := filepath.Join("lambdas", o.domain, "domain.go")
	if !missing {
		text, err := os.ReadFile(filepath.Join(root, list))
		if err != nil {
			return nil, err
		}
		longer, err := addElement(string(text), "[]*function.Function", op.variable())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		return []file{{list, longer}}, nil
	}
	if !named {
		return nil, fmt.Errorf("there is no folder lambdas/%s: name the domain, as in DOMAIN=%s, and the folder is made", o.domain, o.domain)
	}
	return newDomain(root, o, op)
}

func newDomain(root string, o options, op operation) ([]file, error) {
	stack := o.stack
	if stack == "" {
		stack = stacks[op.tag]
	}
	if stack == "" {
		stack = "transactions"
	}
	constant, known := stackConstants[stack]
	if !known {
		return nil, fmt.Errorf("there is no stack %q for domains: give one of api, auth, transactions, ai and notifications", stack)
	}
	const all = "lambdas/domains.go"
	text, err := os.ReadFile(filepath.Join(root, all))
	if err != nil {
		return nil, err
	}
	longer, err := addElement(string(text), "[]function.Domain", o.domain+".Domain")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", all, err)
	}
	longer = strings.Replace(longer, "import (\n", fmt.Sprintf("import (\n\t%q\n", module+"lambdas/"+o.domain), 1)
	var files []file
	for path, source := range map[string]string{
		"doc.go": "// Package {{domain}} is the domain {{domain}} of the API: {{about}}. Each file with a\n" +
			"// route holds one function: its declaration and its use cases.\npackage {{domain}}\n",
		"domain.go": `package {{domain}}

import "{{module}}lambdas/function"

// Domain is the functions of this package.
var Domain = function.Domain{
	Name:      "{{domain}}",
	Stack:     function.{{stack}},
	Functions: []*function.Function{{{variable}}},
}
`,
		"bootstrap/main.go": `// Command bootstrap is the binary of the {{domain}} domain's functions.
package main

import (
	"{{module}}lambdas/{{domain}}"
	"{{module}}lambdas/internal/lambdaruntime"
)

func main() { lambdaruntime.Start({{domain}}.Domain) }
`,
		"": longer,
	} {
		source = strings.ReplaceAll(source, "{{{variable}}}", "{"+op.variable()+"}")
		source = replace(source, "domain", o.domain, "about", lowerFirst(op.about), "module", module, "stack", constant)
		formatted, err := format.Source([]byte(source))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		place := filepath.Join("lambdas", o.domain, path)
		if path == "" {
			place = all
		}
		files = append(files, file{place, string(formatted)})
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.path, b.path) })
	return files, nil
}

func lowerFirst(text string) string {
	if len(text) < 2 || strings.ToUpper(text[1:2]) == text[1:2] {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// addElement returns the source with another element at the end of its only literal of
// the type.
func addElement(source, typ, element string) (string, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, "", source, 0)
	if err != nil {
		return "", err
	}
	var found []*ast.CompositeLit
	ast.Inspect(parsed, func(node ast.Node) bool {
		if literal, is := node.(*ast.CompositeLit); is && literal.Type != nil {
			start, end := set.Position(literal.Type.Pos()).Offset, set.Position(literal.Type.End()).Offset
			if source[start:end] == typ {
				found = append(found, literal)
			}
		}
		return true
	})
	if len(found) != 1 {
		return "", fmt.Errorf("has %d lists of the type %s, not one", len(found), typ)
	}
	end := set.Position(found[0].Rbrace).Offset
	before := strings.TrimRight(source[:end], " \t\n")
	separator, after := "", source[len(before):end]
	if len(found[0].Elts) > 0 && !strings.HasSuffix(before, ",") {
		separator = ", "
	}
	if strings.Contains(after, "\n") { // one element a line
		separator, element = "\n", element+","
	}
	formatted, err := format.Source([]byte(before + separator + element + after + source[end:]))
	return string(formatted), err
}
