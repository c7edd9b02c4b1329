package stacks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
)

// Declarations and constructs each have names for AWS operations, because no package
// can serve both: a function's binary must not contain CDK, and constructs imports
// nothing of the project. These tests keep the two lists equal where they meet.

// constants returns the values of a package's constants of a string type, by name.
func constants(t *testing.T, dir, typeName string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
				return true
			}
			kind, _ := spec.Type.(*ast.Ident)
			value, _ := spec.Values[0].(*ast.BasicLit)
			if kind == nil || value == nil || kind.Name != typeName {
				return true
			}
			if values[spec.Names[0].Name], err = strconv.Unquote(value.Value); err != nil {
				t.Fatal(err)
			}
			return true
		})
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constant of the type %s", dir, typeName)
	}
	return values
}

func TestDeclaredOperations_AreOperationsOfConstructs(t *testing.T) {
	for _, list := range []struct{ dir, declared, offered string }{
		{"lambdas/tables", "Operation", "TableOperation"},
		{"lambdas/function", "KeyOperation", "KeyOperation"},
		{"lambdas/function", "UserPoolOperation", "UserPoolOperation"},
	} {
		offered := constants(t, "constructs", list.offered)
		for name, value := range constants(t, list.dir, list.declared) {
			if offered[name] != value {
				t.Errorf("%s.%s is %q, constructs.%s is %q", list.dir, name, value, name, offered[name])
			}
		}
	}
}

func TestDeclaredOperations_ArePermittedToAFunction(t *testing.T) {
	var permitted []string
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, grant := range f.Permissions.Tables {
				permitted = append(permitted, convert[string](grant.Operations)...)
			}
			for _, grant := range f.Permissions.Keys {
				permitted = append(permitted, convert[string](grant.Operations)...)
			}
			permitted = append(permitted, convert[string](f.Permissions.UserPool)...)
		}
	}
	for dir, kinds := range map[string][]string{"lambdas/tables": {"Operation"}, "lambdas/function": {"KeyOperation", "UserPoolOperation"}} {
		for _, kind := range kinds {
			for name, value := range constants(t, dir, kind) {
				if !slices.Contains(permitted, value) {
					t.Errorf("no function is permitted %s.%s: remove it", dir, name)
				}
			}
		}
	}
}
