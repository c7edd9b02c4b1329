package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// formOf returns the form with the fields of an object.
func formOf(value any) []byte {
	form := url.Values{}
	object, _ := value.(map[string]any)
	for name, field := range object {
		form.Set(name, fmt.Sprint(field))
	}
	return []byte(form.Encode())
}

// The contract's schemas check the bodies.
func TestBodies_MatchTheirDescription(t *testing.T) {
	document := load(t)
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer token"}}
	for _, o := range document.Operations() {
		check := func(value any) error {
			if o.Form {
				form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
				return document.CheckRequest(t.Context(), o.Method(), o.Example(), form, formOf(value))
			}
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
