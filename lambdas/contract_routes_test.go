package lambdas_test

import (
	"slices"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/test/contract"
)

// deployed are the routes of every function, by key, but the one for requests
// that match none.
func deployed() map[string]function.Route {
	routes := map[string]function.Route{}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, route := range f.Routes {
				if route.Key != function.FallbackKey {
					routes[route.Key] = route
				}
			}
		}
	}
	return routes
}

func loadContract(t *testing.T) *contract.Contract {
	t.Helper()
	document, err := contract.Load("../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestRoutes_AreOperationsOfContract(t *testing.T) {
	document := loadContract(t)
	for key, route := range deployed() {
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
	routes := deployed()
	open := map[string]bool{} // tags with an operation that has no route
	for _, operation := range loadContract(t).Operations() {
		if _, declared := routes[operation.Key]; declared {
			continue
		}
		open[operation.Tag] = true
		if operation.Implemented() {
			t.Errorf("%s has no route", operation.Key)
		}
	}
	for _, tag := range contract.UnimplementedTags {
		if !open[tag] {
			t.Errorf("every operation of %s has a route, or none is: take it out of contract.UnimplementedTags", tag)
		}
	}
}

// readsBody reports whether a request has a field that comes from the body.
func readsBody(t *testing.T, route function.Route) bool {
	return len(named(t, route, function.FromBody)) > 0
}

// named returns the names of the fields from this source, in order.
func named(t *testing.T, route function.Route, from function.Source) []string {
	var names []string
	for _, field := range fields(t, route) {
		if field.From == from {
			names = append(names, field.Parameter)
		}
	}
	slices.Sort(names)
	return names
}

// fields returns the fields of a request as the runtime reads them.
func fields(t *testing.T, route function.Route) []function.RequestField {
	t.Helper()
	found, err := function.RequestFields(route.NewRequest())
	if err != nil {
		t.Fatalf("%s: %v", route.Key, err)
	}
	return found
}
