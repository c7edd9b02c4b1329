package contract_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// The contract's schemas check the bodies.
func TestBodies_MatchTheirDescription(t *testing.T) {
	document := load(t)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer token"}}
	for _, o := range document.Operations() {
		check := func(value any) error {
			body, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			return document.CheckRequest(t.Context(), o.Method(), o.Example(), header, body)
		}
		valid, invalid := o.Bodies()
		for _, body := range valid {
			if err := check(body.Value); err != nil {
				t.Errorf("%s: %s: %v", o.Key, body.Description, err)
			}
		}
		for _, body := range invalid {
			// The library does not validate formats.
			if err := check(body.Value); err == nil && !strings.Contains(body.Description, " is no ") {
				t.Errorf("%s: %s: %v is valid", o.Key, body.Description, body.Value)
			}
		}
		if o.TakesBody() && len(valid) < 2 {
			t.Errorf("%s: %d bodies", o.Key, len(valid))
		}
	}
}
