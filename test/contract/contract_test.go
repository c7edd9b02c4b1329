package contract_test

import (
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

func load(t *testing.T) *contract.Contract {
	t.Helper()
	document, err := contract.Load("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func TestCheckResponse_InvalidResponse_IsError(t *testing.T) {
	document := load(t)
	json := http.Header{"Content-Type": {"application/json"}}
	for name, try := range map[string]struct {
		method, path string
		status       int
		body         string
		valid        bool
	}{
		"a profile":                   {"GET", "/profile", 200, `{"profile":{"firstName":"A","lastName":"L","email":"a@example.com"}}`, true},
		"a path parameter":            {"DELETE", "/goals/g1", 200, `{"message":"gone"}`, true},
		"a query":                     {"GET", "/profile?fresh=1", 500, `{"error":{"code":"X","message":"m"}}`, true},
		"an error object":             {"GET", "/profile", 500, `{"error":{"code":"X","message":"m"}}`, true},
		"a missing field":             {"GET", "/profile", 200, `{"profile":{"firstName":"A"}}`, false},
		"an error that is text":       {"GET", "/profile", 500, `{"error":"X","message":"m"}`, false},
		"a refusal":                   {"GET", "/profile", 422, `{"message":"m","code":"X"}`, true},
		"too many":                    {"GET", "/profile", 429, `{"message":"m"}`, true},
		"a refusal in an object":      {"GET", "/profile", 422, `{"error":{"code":"X"},"message":"m"}`, false},
		"too many, in an object":      {"GET", "/profile", 429, `{"error":{"code":"X"},"message":"m"}`, false},
		"a token API Gateway refuses": {"GET", "/profile", 401, `{"message":"Unauthorized"}`, true},
		"an unknown operation":        {"GET", "/nowhere", 200, `{}`, false},
		"an answer of no object":      {"GET", "/profile", 200, `[]`, false},
	} {
		err := document.CheckResponse(t.Context(), try.method, try.path, try.status, json, []byte(try.body))
		if (err == nil) != try.valid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestCheckRequest_InvalidRequest_IsError(t *testing.T) {
	document := load(t)
	for name, try := range map[string]struct {
		method, path, token, body string
		valid                     bool
	}{
		"a public request":            {"POST", "/auth/refresh", "", `{"refreshToken":"r"}`, true},
		"a stale token":               {"POST", "/auth/refresh", "t", `{"refreshToken":"r"}`, true},
		"a field too many":            {"PUT", "/profile", "t", `{"isPremium":true}`, true},
		"a query":                     {"GET", "/transactions?limit=5", "t", "", true},
		"a query of the wrong type":   {"GET", "/transactions?limit=many", "t", "", false},
		"no token":                    {"GET", "/profile", "", "", false},
		"no body":                     {"PUT", "/profile", "t", "", false},
		"a body where none is read":   {"DELETE", "/auth/delete-account", "t", `{}`, false},
		"a missing field":             {"POST", "/auth/refresh", "", `{}`, false},
		"another phrase than the one": {"DELETE", "/user/data", "t", `{"confirm":"yes"}`, false},
		"an unknown operation":        {"GET", "/nowhere", "", "", false},
	} {
		header := http.Header{}
		if try.token != "" {
			header.Set("Authorization", "Bearer "+try.token)
		}
		if try.body != "" {
			header.Set("Content-Type", "application/json")
		}
		err := document.CheckRequest(t.Context(), try.method, try.path, header, []byte(try.body))
		if (err == nil) != try.valid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
