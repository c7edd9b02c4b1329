package contract_test

import (
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/test/contract"
)

func TestRoutes_AreOperationsOfContract(t *testing.T) {
	document := load(t)
	for key, route := range contract.DeclaredRoutes(lambdas.Domains()) {
		operation, known := document.Operation(key)
		if !known {
			t.Errorf("%s is not in the contract", key)
			continue
		}
		if operation.Public != (route.Access == function.AccessPublic) {
			t.Errorf("%s: the contract says public is %v, the declaration %s", key, operation.Public, route.Access)
		}
		if reads := readsBody(t, route); reads != operation.TakesBody() {
			t.Errorf("%s: the contract says there is a body: %v, the declaration reads one: %v", key, operation.TakesBody(), reads)
		}
		if read := named(t, route, function.FromPath); !slices.Equal(read, operation.Path) {
			t.Errorf("%s: the path has %q, the declaration reads %q", key, operation.Path, read)
		}
		if read := named(t, route, function.FromQuery); !slices.Equal(read, operation.Query) {
			t.Errorf("%s: the query has %q, the declaration reads %q", key, operation.Query, read)
		}
	}
}

func TestBuiltOperations_HaveRoutes(t *testing.T) {
	routes := contract.DeclaredRoutes(lambdas.Domains())
	for _, operation := range load(t).Operations() {
		_, declared := routes[operation.Key]
		switch {
		case operation.Implemented() && !declared:
			t.Errorf("%s is in api/%s and has no route: installed apps call it", operation.Key, contract.BuiltFile)
		case declared && !operation.Implemented():
			t.Errorf("%s has a route: add it to api/%s, in order", operation.Key, contract.BuiltFile)
		}
	}
}

// readsBody reports whether the request type has a field from the body.
func readsBody(t *testing.T, route function.Route) bool {
	return len(named(t, route, function.FromBody)) > 0
}

// named returns the names of the request fields from this source, sorted.
func named(t *testing.T, route function.Route, from function.Source) []string {
	t.Helper()
	fields, err := function.RequestFields(route.NewRequest())
	if err != nil {
		t.Fatalf("%s: %v", route.Key, err)
	}
	var names []string
	for _, field := range fields {
		if field.From == from {
			names = append(names, field.Parameter)
		}
	}
	slices.Sort(names)
	return names
}
