package contract_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/expenzez/infrastructure/test/contract"
)

func TestCheck(t *testing.T) {
	document, err := contract.Load("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	json := http.Header{"Content-Type": {"application/json"}}
	for name, try := range map[string]struct {
		method, path string
		status       int
		body         string
		valid        bool
	}{
		"a profile":              {"GET", "/profile", 200, `{"profile":{"firstName":"A","lastName":"L","email":"a@example.com"}}`, true},
		"a path parameter":       {"DELETE", "/goals/g1", 200, `{"message":"gone"}`, true},
		"an error object":        {"GET", "/profile", 500, `{"error":{"code":"X","message":"m"}}`, true},
		"a missing field":        {"GET", "/profile", 200, `{"profile":{"firstName":"A"}}`, false},
		"an error that is text":  {"GET", "/profile", 500, `{"error":"X","message":"m"}`, false},
		"an unknown operation":   {"GET", "/nowhere", 200, `{}`, false},
		"an answer of no object": {"GET", "/profile", 200, `[]`, false},
	} {
		err := document.Check(context.Background(), try.method, try.path, try.status, json, []byte(try.body))
		if (err == nil) != try.valid {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
