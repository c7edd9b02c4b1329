package repotest_test

import (
	"fmt"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const functionPackage = "github.com/expenzez/infrastructure/lambdas/function"

func TestRoutes_RequestAndResponseTypes_AreNamedSo(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile,
		Dir:  root,
	}, "./lambdas/...")
	if err != nil {
		t.Fatal(err)
	}
	routes := 0
	for _, pkg := range loaded {
		for _, err := range pkg.Errors {
			t.Fatal(err)
		}
		for name, instance := range pkg.TypesInfo.Instances {
			declaration, _ := pkg.TypesInfo.Uses[name].(*types.Func)
			if declaration == nil || pkg.PkgPath == functionPackage || !declaresRoute(declaration) {
				continue
			}
			routes++
			for _, problem := range routeTypeProblems(declaration.Signature().TypeParams(), instance.TypeArgs) {
				t.Errorf("%s: %s", pkg.Fset.Position(name.Pos()), problem)
			}
		}
	}
	if routes < 30 {
		t.Errorf("found %d routes, want at least 30", routes)
	}
}

func TestRouteTypeProblem_OtherName_IsReported(t *testing.T) {
	pkg := types.NewPackage("example.com/goals", "goals")
	named := func(name string) types.Type {
		return types.NewNamed(types.NewTypeName(0, pkg, name, nil), types.NewStruct(nil, nil), nil)
	}
	for want, got := range map[string]string{
		"": routeTypeProblem("In", named("listRequest")) + routeTypeProblem("Out", types.NewPointer(named("ListResponse"))),
		"the request type goals.list must end in Request":     routeTypeProblem("In", named("list")),
		"the response type goals.answer must end in Response": routeTypeProblem("Out", types.NewPointer(named("answer"))),
		"the response type any must end in Response":          routeTypeProblem("Out", types.Universe.Lookup("any").Type()),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// declaresRoute reports whether the function returns a route: function.Public,
// function.SignedIn and functions of a domain that call them.
func declaresRoute(f *types.Func) bool {
	results := f.Signature().Results()
	if results.Len() != 1 {
		return false
	}
	result, ok := results.At(0).Type().(*types.Named)
	return ok && result.Obj().Pkg() != nil && result.Obj().Pkg().Path() == functionPackage && result.Obj().Name() == "RouteOf"
}

// routeTypeProblems checks the type arguments of one declared route.
func routeTypeProblems(parameters *types.TypeParamList, arguments *types.TypeList) (problems []string) {
	for i := range arguments.Len() {
		if problem := routeTypeProblem(parameters.At(i).Obj().Name(), arguments.At(i)); problem != "" {
			problems = append(problems, problem)
		}
	}
	return problems
}

// routeTypeProblem checks the argument of a type parameter. In is the request's type and
// Out is the response's. A type parameter of the caller is checked where it is replaced.
func routeTypeProblem(parameter string, argument types.Type) string {
	kind := map[string]string{"In": "Request", "Out": "Response"}[parameter]
	if pointer, ok := argument.(*types.Pointer); ok {
		argument = pointer.Elem()
	}
	name := types.TypeString(argument, func(p *types.Package) string { return p.Name() })
	_, isParameter := argument.(*types.TypeParam)
	if isParameter || name == "function.NoInput" || strings.HasSuffix(name, kind) {
		return ""
	}
	return fmt.Sprintf("the %s type %s must end in %s", strings.ToLower(kind), name, kind)
}
