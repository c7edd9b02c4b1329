package contract

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Operation is one operation of the contract.
type Operation struct {
	// Key is the route key of the operation's function, such as "GET /goals/{id}".
	Key string
	// Tag is the operation's part of the API, such as "goals".
	Tag string
	// Public reports whether the operation needs no token.
	Public bool
	// Statuses are the statuses that the contract names, sorted. Any other status is a
	// failure in the form of the response "default".
	Statuses []int
	// Path and Query are the names of the parameters, sorted.
	Path, Query []string

	// Response is the schema of the response with status 200, the only success that
	// functions send. It is nil if the response is a page.
	Response *openapi3.Schema
	// Form reports whether the body is a form.
	Form bool

	implemented bool
	body        *openapi3.Schema // nil if requests have no body, or one without data
}

// Implemented reports whether a function implements the operation: whether it is in the
// list of built operations. Tests leave out the other operations.
func (o Operation) Implemented() bool { return o.implemented }

// TakesBody reports whether a request has a body with data. The contract has operations to
// which the app sends {}; their functions need not read it.
func (o Operation) TakesBody() bool { return o.body != nil }

// Method returns the HTTP method.
func (o Operation) Method() string {
	method, _, _ := strings.Cut(o.Key, " ")
	return method
}

// Example returns a path of the operation, with an unknown id in place of each
// parameter.
func (o Operation) Example() string {
	_, path, _ := strings.Cut(o.Key, " ")
	for _, parameter := range o.Path {
		path = strings.ReplaceAll(path, "{"+parameter+"}", "none")
	}
	return path
}

// Operations returns every operation, ordered by its key.
func (c *Contract) Operations() []Operation { return slices.Clone(c.operations) }

// Operation returns the operation with the key, and false when there is none.
func (c *Contract) Operation(key string) (Operation, bool) {
	i := slices.IndexFunc(c.operations, func(o Operation) bool { return o.Key == key })
	if i < 0 {
		return Operation{}, false
	}
	return c.operations[i], true
}

// operationsOf returns the operations of the document. built are the keys of those that
// are implemented.
func operationsOf(document *openapi3.T, built []string) []Operation {
	var all []Operation
	for path, item := range document.Paths.Map() {
		for method, declared := range item.Operations() {
			o := Operation{Key: method + " " + path}
			o.implemented = slices.Contains(built, o.Key)
			if len(declared.Tags) > 0 {
				o.Tag = declared.Tags[0]
			}
			security := document.Security
			if declared.Security != nil {
				security = *declared.Security
			}
			o.Public = len(security) == 0
			for status := range declared.Responses.Map() {
				if code, err := strconv.Atoi(status); err == nil {
					o.Statuses = append(o.Statuses, code)
				}
			}
			slices.Sort(o.Statuses)
			o.Path = parameters(openapi3.ParameterInPath, item.Parameters, declared.Parameters)
			o.Query = parameters(openapi3.ParameterInQuery, item.Parameters, declared.Parameters)
			if success := declared.Responses.Value("200"); success != nil {
				o.Response = jsonOf(success.Value.Content)
			}
			if declared.RequestBody != nil {
				content := declared.RequestBody.Value.Content
				form := content["application/x-www-form-urlencoded"]
				o.Form = form != nil
				if body := jsonOf(content); o.Form {
					o.body = form.Schema.Value
				} else if hasData(body) {
					o.body = body
				}
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return cmp.Compare(a.Key, b.Key) })
	return all
}

// jsonOf returns the schema of JSON, nil when there is other content only.
func jsonOf(content openapi3.Content) *openapi3.Schema {
	if declared := content["application/json"]; declared != nil {
		return declared.Schema.Value
	}
	return nil
}

func hasData(body *openapi3.Schema) bool {
	more := body.AdditionalProperties
	return len(body.Properties) > 0 || len(body.OneOf) > 0 || more.Schema != nil || more.Has != nil && *more.Has
}

func parameters(in string, declared ...openapi3.Parameters) []string {
	names := map[string]bool{}
	for _, parameter := range slices.Concat(declared...) {
		if parameter.Value.In == in {
			names[parameter.Value.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// isSuccess reports whether a status is a success.
func isSuccess(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices
}
