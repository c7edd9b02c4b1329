package lambdas_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/internal/validation"
	"github.com/expenzez/infrastructure/test/contract"
)

// hostile are texts that no field for a text may hold.
var hostile = map[string]string{
	"10,000 characters":      strings.Repeat("a", 10_000),
	"a NUL":                  "a\x00b",
	"a line break":           "a\r\nBcc: x@example.com",
	"a bidirectional mark":   "a\u202egnp",
	"an invisible character": "a\u200bb",
	"markup":                 "<script>alert(1)</script>",
}

// anyText are fields that take hostile texts, each with why that does no harm.
var anyText = map[string]string{
	"POST /auth/register password":                   "Cognito alone sees it; any character is good in a password",
	"POST /auth/login password":                      "Cognito alone sees it; any character is good in a password",
	"POST /auth/confirm-forgot-password newPassword": "Cognito alone sees it; any character is good in a password",
	"POST /auth/refresh refreshToken":                "Cognito alone sees it, and knows its own",
	"POST /auth/apple-login identityToken":           "nothing of it is used before its signature was checked",
	"POST /auth/apple-login authorizationCode":       "Apple alone sees it, as a form value",
	"POST /auth/apple-login user":                    "it is not used: the token says the user",
	"POST /auth/apple-login email":                   "it is not used: the token says the address",
	"POST /auth/google-login idToken":                "nothing of it is used before its signature was checked",
	"POST /auth/google-login user.id":                "it is not used: the token says the user",
	"POST /auth/google-login user.email":             "it is not used: the token says the address",
	"POST /auth/google-login user.name":              "it is not used: the token says the name",
	"POST /auth/google-login user.givenName":         "it is not used: the token says the name",
	"POST /auth/google-login user.familyName":        "it is not used: the token says the name",
	"POST /auth/google-login user.photo":             "it is not used",
	"POST /ai/insight message":                       "a question may have any character; what leaves of it is a text in JSON, without personal data",
	"POST /ai/chat-message content":                  "a message has lines and Markdown; it is sealed and goes to its user alone",
	"POST /auth/check-user-status username":          "a name that no account can have is answered like a taken one, and goes nowhere",
}

// A text that no rule is about reaches the use case as an attacker wrote it.
func TestRequests_EveryText_RefusesHostileTexts(t *testing.T) {
	document, rules := loadContract(t), validation.New()
	needed := map[string]bool{}
	for key, route := range contract.DeclaredRoutes(lambdas.Domains()) {
		operation, _ := document.Operation(key)
		valid, _ := operation.Bodies()
		if len(valid) == 0 {
			continue
		}
		for _, field := range leaves("", reflect.TypeOf(route.NewRequest()).Elem()) {
			for name, text := range hostile {
				body, set := with(valid[0].Value, strings.Split(field.path, "."), text)
				if !set {
					continue
				}
				if read(t, rules, route, contract.Body{Value: body}) != nil {
					continue
				}
				needed[key+" "+field.path] = true
				if anyText[key+" "+field.path] == "" {
					t.Errorf("%s %s takes %s", key, field.path, name)
				}
			}
		}
	}
	for place := range anyText {
		if !needed[place] {
			t.Errorf("%s: there is nothing to except", place)
		}
	}
}

// with returns the body with another text at the path, and whether there is a text.
func with(body any, path []string, text string) (any, bool) {
	object, is := body.(map[string]any)
	if !is {
		return body, false
	}
	object = maps.Clone(object)
	if len(path) > 1 {
		below, set := with(object[path[0]], path[1:], text)
		object[path[0]] = below
		return object, set
	}
	if _, is := object[path[0]].(string); !is {
		return body, false
	}
	object[path[0]] = text
	return object, true
}
