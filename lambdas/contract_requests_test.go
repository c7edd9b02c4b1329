package lambdas_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/test/contract"
)

// stricter are bodies that the contract allows and the backend refuses. laxer are
// bodies that the contract forbids and the backend accepts. Each has a reason. The key
// is the route and the body's description, or the route and a property for every
// description of it and of what is in it.
var (
	stricter = exceptions{
		"POST /auth/login has the least":                   "the schema cannot say that the username or the address is needed",
		"POST /auth/resend-verification has the least":     "the schema cannot say that the username or the address is needed",
		"PUT /profile/credit-score has the least":          "a score is kept by its bureau, which the app always sends",
		"PUT /profile/credit-score scores[] has the least": "a score is kept by its bureau, which the app always sends",
	}
	laxer = exceptions{
		"POST /auth/check-user-status username":              "a name that no account can have is answered like a taken one",
		"PUT /profile email":                                 "the address cannot be changed here, so it is not read",
		"POST /devices/register deviceFingerprint":           "it is neither needed nor kept, so it is not read",
		"POST /devices/register userEmail":                   "the token says who the user is, so it is not read",
		"PUT /profile/progress totalXP":                      "the server counts, so what the app counted is not read",
		"PUT /profile/progress level":                        "the server counts, so what the app counted is not read",
		"PUT /profile/progress dailyXP":                      "the server counts, so what the app counted is not read",
		"PUT /profile/progress weeklyXP":                     "the server counts, so what the app counted is not read",
		"PUT /profile/progress monthlyXP":                    "the server counts, so what the app counted is not read",
		"PUT /profile/credit-score scores[].change":          "it follows from the scores, so it is not read",
		"PUT /profile/credit-score scores[].previousScore":   "it follows from the scores, so it is not read",
		"PUT /profile/credit-score scores[].rating":          "it follows from the scores, so it is not read",
		"POST /transactions/import-csv transactions[]":       "a row that cannot be imported is counted as failed, with a reason, and stops no other",
		"POST /transactions/import-statement transactions[]": "a row that cannot be imported is counted as failed, with a reason, and stops no other",
		"POST /ai/insight financialContext":                  "the figures are the backend's, so what the app computed is not read",
		"POST /ai/chart-insight context":                     "the figures are the backend's, so what the app computed is not read",
		"POST /ai/categorize date":                           "a category does not depend on the date, so it is not read",
	}
)

type exceptions map[string]string

// covers returns the exception that covers a body, or "".
func (e exceptions) covers(body string) string {
	for exception := range e {
		if body == exception || strings.HasPrefix(body, exception+" ") || strings.HasPrefix(body, exception+".") {
			return exception
		}
	}
	return ""
}

// The app sends only bodies that the contract allows. Each of them must reach the use
// case, and every other body must be refused.
func TestRequests_AreReadAsContractSays(t *testing.T) {
	document, rules := loadContract(t), validation.New()
	needed := map[string]bool{}
	for key, route := range contract.DeclaredRoutes(lambdas.Domains()) {
		operation, _ := document.Operation(key)
		if route.Form != operation.Form {
			t.Errorf("%s: that the body is a form is %v, in the contract %v", key, route.Form, operation.Form)
		}
		valid, invalid := operation.Bodies()
		for _, body := range valid {
			if err := read(t, rules, route, body); err != nil {
				exception := stricter.covers(key + " " + body.Description)
				needed[exception] = true
				if exception == "" {
					t.Errorf("%s: %s: got %v for %v", key, body.Description, err, body.Value)
				}
			}
		}
		for _, body := range invalid {
			if err := read(t, rules, route, body); err == nil {
				exception := laxer.covers(key + " " + body.Description)
				needed[exception] = true
				if exception == "" {
					t.Errorf("%s: accepted although %s: %v", key, body.Description, body.Value)
				}
			}
		}
	}
	for _, list := range []exceptions{stricter, laxer} {
		for exception := range list {
			if !needed[exception] {
				t.Errorf("%s: there is nothing to except", exception)
			}
		}
	}
}

// read decodes and validates a body as the runtime does, with a value in each path
// parameter.
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
	fields, err := function.RequestFields(request)
	if err != nil {
		t.Fatalf("%s: %v", route.Key, err)
	}
	value := reflect.ValueOf(request).Elem()
	for _, field := range fields {
		if field.From == function.FromPath && field.Type.Kind() == reflect.String {
			value.FieldByIndex(field.Index).SetString(strings.ToLower(field.Parameter) + "-1")
		}
	}
	return rules.Check(request)
}

func loadContract(t *testing.T) *contract.Contract {
	t.Helper()
	document, err := contract.Load("../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return document
}
