package lambdas_test

import (
	"reflect"
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

func TestEveryRouteIsAnOperationOfTheContract(t *testing.T) {
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
		if reads := readsBody(route); reads != operation.TakesBody() {
			t.Errorf("%s: the contract says there is a body: %v, the declaration reads one: %v", key, operation.TakesBody(), reads)
		}
		if read := tagged(route, "path"); !slices.Equal(read, operation.Path) {
			t.Errorf("%s: the path has %q, the declaration reads %q", key, operation.Path, read)
		}
		if read := tagged(route, "query"); !slices.Equal(read, operation.Query) {
			t.Errorf("%s: the query has %q, the declaration reads %q", key, operation.Query, read)
		}
	}
}

func TestEveryOperationThatIsBuiltHasARoute(t *testing.T) {
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

// readsBody tells whether a request has a field that comes from the body.
func readsBody(route function.Route) bool {
	return slices.ContainsFunc(fields(route), func(field reflect.StructField) bool {
		_, path := field.Tag.Lookup("path")
		_, query := field.Tag.Lookup("query")
		name, named := field.Tag.Lookup("json") // which a parameter may have for its messages
		return named && name != "-" && !path && !query
	})
}

// tagged returns what the fields with this tag are called, in order.
func tagged(route function.Route, tag string) []string {
	var names []string
	for _, field := range fields(route) {
		if name, has := field.Tag.Lookup(tag); has {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func fields(route function.Route) []reflect.StructField {
	return reflect.VisibleFields(reflect.TypeOf(route.NewRequest()).Elem())
}
