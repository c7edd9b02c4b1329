package lambdas_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/test/contract"
)

// stricter are bodies that the contract allows and we refuse, and laxer are those
// that it does not allow and we accept, by route and what is special about them.
var (
	stricter = map[string]string{
		"POST /auth/login has the least":               "the schema cannot say that the username or the address is needed",
		"POST /auth/resend-verification has the least": "the schema cannot say that the username or the address is needed",
	}
	laxer = map[string]string{
		"PUT /profile email is a number": "the address cannot be changed here, so it is not read",
	}
)

// The app sends what the contract says and nothing else, so all of that must get
// through to the use case and nothing else need.
func TestRequestsAreReadAsTheContractSays(t *testing.T) {
	document, rules := loadContract(t), validation.New()
	unused := map[string]bool{}
	for _, exceptions := range []map[string]string{stricter, laxer} {
		for exception := range exceptions {
			unused[exception] = true
		}
	}
	for key, route := range deployed() {
		operation, _ := document.Operation(key)
		valid, invalid := operation.Bodies()
		for _, body := range valid {
			is := key + " " + body.About
			delete(unused, is)
			if err := read(t, rules, route, body); (err != nil) != (stricter[is] != "") {
				t.Errorf("%s: got %v for %v; the exception is %q", is, err, body.Value, stricter[is])
			}
		}
		for _, body := range invalid {
			is := key + " " + body.About
			delete(unused, is)
			if err := read(t, rules, route, body); (err == nil) != (laxer[is] != "") {
				t.Errorf("%s: got %v for %v; the exception is %q", is, err, body.Value, laxer[is])
			}
		}
	}
	for exception := range unused {
		t.Errorf("there is no %s", exception)
	}
}

// read reads a body as the runtime does, with something in each path parameter.
func read(t *testing.T, rules *validation.Checker, route function.Route, body contract.Body) error {
	t.Helper()
	text, err := json.Marshal(body.Value)
	if err != nil {
		t.Fatal(err)
	}
	request := route.NewRequest()
	if err := json.Unmarshal(text, request); err != nil {
		return err
	}
	value := reflect.ValueOf(request).Elem()
	for _, field := range fields(route) {
		if name, has := field.Tag.Lookup("path"); has && field.Type.Kind() == reflect.String {
			value.FieldByIndex(field.Index).SetString(strings.ToLower(name) + "-1")
		}
	}
	return rules.Check(request)
}
