package repotest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
)

// floatPackages may compute with binary floats, each with the reason. None has an amount
// of money.
var floatPackages = map[string]string{
	"lambdas/internal/telemetry": "durations of metrics are floats, as CloudWatch takes them",
	"lambdas/internal/guard":     "the used part of a budget of requests is a metric",

	"lambdas/internal/pdftext":    "places of text on a page are floats, as a PDF has them",
	"lambdas/internal/statements": "columns of a statement are found by places on the page; amounts are read from digits",
}

// Sums of binary floats are not exact: 0.1 + 0.2 is 0.30000000000000004. Amounts are
// money.Amount, and every other figure that users see is computed as a decimal.
func TestLambdas_FloatArithmetic_IsAbsent(t *testing.T) {
	needed := map[string]bool{}
	for _, checked := range loadPackages(t, "../../lambdas/...") {
		path := strings.TrimPrefix(checked.path, "github.com/expenzez/infrastructure/")
		for _, place := range checked.floatArithmetic() {
			if needed[path] = true; floatPackages[path] == "" {
				t.Errorf("%s computes with floats: use money.Amount, or decimal.Decimal", place)
			}
		}
	}
	for path := range floatPackages {
		if !needed[path] {
			t.Errorf("%s does not compute with floats: there is nothing to except", path)
		}
	}
}

func TestFloatArithmetic_PlantedSums_AreFound(t *testing.T) {
	const source = `package planted

import "math"

type pounds float64

const vat = 1.0 + 0.2 // a constant is exact until it is used

func planted(a, b float64, c float32, d pounds, n int) float64 {
	n += 2
	sum := a + b           // 11
	sum += a               // 12
	d++                    // 13
	c *= 2                 // 14
	part := d / 3          // 15
	_ = math.Round(a)      // 16
	_ = a < b || -a == b
	return sum + float64(part) * vat // 18, twice
}
`
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "planted.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	checked := check(t, files, "planted", []*ast.File{file}, importer.ForCompiler(files, "source", nil))
	var lines []int
	for _, place := range checked.floatArithmetic() {
		lines = append(lines, place.Line)
	}
	if !slices.Equal(lines, []int{11, 12, 13, 14, 15, 16, 18, 18}) {
		t.Errorf("found lines %v", lines)
	}
}

// checkedPackage is a package with the types of its expressions, without its tests.
type checkedPackage struct {
	path  string
	files *token.FileSet
	trees []*ast.File
	info  *types.Info
}

// floatArithmetic returns where a value that is no constant is computed as a float.
func (p checkedPackage) floatArithmetic() (places []token.Position) {
	for _, tree := range p.trees {
		ast.Inspect(tree, func(node ast.Node) bool {
			if operand := arithmeticOperand(node, p.info); operand != nil && p.isFloat(operand) {
				places = append(places, p.files.Position(node.Pos()))
			}
			return true
		})
	}
	return places
}

// arithmeticOperand returns an operand or the result of an arithmetic operation, and nil
// for every other node.
func arithmeticOperand(node ast.Node, info *types.Info) ast.Expr {
	switch node := node.(type) {
	case *ast.BinaryExpr:
		if slices.Contains([]token.Token{token.ADD, token.SUB, token.MUL, token.QUO}, node.Op) {
			return node
		}
	case *ast.AssignStmt:
		if slices.Contains([]token.Token{token.ADD_ASSIGN, token.SUB_ASSIGN, token.MUL_ASSIGN, token.QUO_ASSIGN}, node.Tok) {
			return node.Lhs[0]
		}
	case *ast.IncDecStmt:
		return node.X
	case *ast.CallExpr:
		if selected, is := node.Fun.(*ast.SelectorExpr); is {
			if called := info.Uses[selected.Sel]; called != nil && called.Pkg() != nil && called.Pkg().Path() == "math" {
				return node
			}
		}
	}
	return nil
}

func (p checkedPackage) isFloat(operand ast.Expr) bool {
	found := p.info.Types[operand]
	if found.Value != nil || found.Type == nil {
		return false // a constant
	}
	basic, is := found.Type.Underlying().(*types.Basic)
	return is && basic.Info()&types.IsFloat != 0
}

// loadPackages type-checks packages against the compiled packages that they import.
func loadPackages(t *testing.T, pattern string) (all []checkedPackage) {
	t.Helper()
	listed, exports := listPackages(t, pattern), map[string]string{}
	for _, one := range listed {
		exports[one.ImportPath] = one.Export
	}
	files := token.NewFileSet()
	compiled := importer.ForCompiler(files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	for _, one := range listed {
		if one.DepOnly {
			continue
		}
		var trees []*ast.File
		for _, name := range one.GoFiles {
			tree, err := parser.ParseFile(files, filepath.Join(one.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			trees = append(trees, tree)
		}
		all = append(all, check(t, files, one.ImportPath, trees, compiled))
	}
	if len(all) < 50 {
		t.Fatalf("found %d packages", len(all))
	}
	return all
}

// listedPackage is what go list says of a package.
type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
	DepOnly                 bool
}

func listPackages(t *testing.T, pattern string) (all []listedPackage) {
	t.Helper()
	command := exec.Command("go", "list", "-export", "-deps", "-tags", strings.Join(function.BuildTags, ","),
		"-json=ImportPath,Dir,Export,GoFiles,DepOnly", pattern)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		t.Fatal(err, problems.String())
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var one listedPackage
		if err := decoder.Decode(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func check(t *testing.T, files *token.FileSet, path string, trees []*ast.File, imports types.Importer) checkedPackage {
	t.Helper()
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	if _, err := (&types.Config{Importer: imports}).Check(path, files, trees, info); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", path, err))
	}
	return checkedPackage{path, files, trees, info}
}
