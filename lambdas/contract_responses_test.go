package lambdas_test

import (
	"reflect"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/test/contract"
)

// otherResponses are places of response types that differ from the contract, each with
// the reason: by route and place.
var otherResponses = exceptions{
	"POST /auth/login refreshToken":               "a sign-in always has one; a refresh, which shares the type, has none",
	"POST /auth/apple-login tokens.refreshToken":  "as with the login",
	"POST /auth/google-login tokens.refreshToken": "as with the login",
	"POST /auth/forgot-password success":          "the app does not read it; all operations without data return the same",
	"POST /auth/forgot-username success":          "as with the forgotten password",
	"GET /security/settings/{deviceId} success":   "the app does not read it; all operations of the app lock return it",
	"GET /security/preferences message":           "it is never set: the type is the response of the update, too",
}

// The app reads what the contract says, so the type of every response must promise it.
func TestResponses_TypesFitContract(t *testing.T) {
	document := loadContract(t)
	needed := map[string]bool{}
	for key, route := range contract.DeclaredRoutes(lambdas.Domains()) {
		operation, _ := document.Operation(key)
		if page := route.Response == reflect.TypeFor[function.PageResponse](); page || operation.Response == nil {
			if !page || operation.Response != nil {
				t.Errorf("%s: that it is a page is %v, and the contract has a schema of JSON: %v", key, page, operation.Response != nil)
			}
			continue
		}
		for _, problem := range responseProblems(route.Response, operation.Response) {
			exception := otherResponses.covers(key + " " + problem.place)
			needed[exception] = true
			if exception == "" {
				t.Errorf("%s: %s %s", key, problem.place, problem.text)
			}
		}
	}
	for exception := range otherResponses {
		if !needed[exception] {
			t.Errorf("%s: there is nothing to except", exception)
		}
	}
}
