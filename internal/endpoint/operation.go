package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation is an operation of the contract.
type operation struct {
	id, key, tag string
	// about is the tag's description.
	about                string
	summary, description string
	method               string
	public               bool
	parameters           []*openapi3.Parameter
	request              *openapi3.SchemaRef // nil if there is no body, or one without properties
	response             *openapi3.SchemaRef
}

func findOperation(document, id string) (operation, error) {
	loaded, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		return operation{}, err
	}
	for path, item := range loaded.Paths.Map() {
		for method, declared := range item.Operations() {
			if declared.OperationID == id {
				return operationOf(loaded, method, path, item, declared)
			}
		}
	}
	return operation{}, fmt.Errorf("the contract has no operation %q: add it to api/openapi.yaml first, or give another operationId, as in OP=getMemberSince", id)
}

// operationOf returns an error for an operation whose bodies are not JSON.
func operationOf(document *openapi3.T, method, path string, item *openapi3.PathItem, declared *openapi3.Operation) (operation, error) {
	op := operation{
		id: declared.OperationID, key: method + " " + path, tag: declared.Tags[0], method: method,
		summary: declared.Summary, description: declared.Description,
	}
	if tag := document.Tags.Get(op.tag); tag != nil {
		op.about = tag.Description
	}
	security := document.Security
	if declared.Security != nil {
		security = *declared.Security
	}
	op.public = len(security) == 0
	for _, parameter := range append(append(openapi3.Parameters{}, item.Parameters...), declared.Parameters...) {
		op.parameters = append(op.parameters, parameter.Value)
	}
	if declared.RequestBody != nil {
		body, err := jsonSchema(op, declared.RequestBody.Value.Content)
		if err != nil {
			return operation{}, err
		}
		if len(merged(body.Value).Properties) > 0 {
			op.request = body
		}
	}
	var err error
	op.response, err = jsonSchema(op, declared.Responses.Value("200").Value.Content)
	return op, err
}

func jsonSchema(op operation, content openapi3.Content) (*openapi3.SchemaRef, error) {
	media := content.Get("application/json")
	if media == nil {
		return nil, fmt.Errorf("%s takes or returns a body that is not JSON: write it by hand, as lambdas/notifications/unsubscribe.go is", op.key)
	}
	return media.Schema, nil
}

// variable, service, useCaseName and receiver are names of the operation in Go.
func (o operation) variable() string    { return exported(o.id) }
func (o operation) service() string     { return unexported(o.id) }
func (o operation) useCaseName() string { return exported(words(o.id)[0]) }
func (o operation) receiver() string    { return o.service()[:1] }

func (o operation) useCase(domain string, types *typeWriter) (string, error) {
	request, err := types.request(o)
	if err != nil {
		return "", err
	}
	response, err := types.response(o)
	if err != nil {
		return "", err
	}
	constructor, caller := "SignedIn", "caller function.Caller, "
	if o.public {
		constructor, caller = "Public", ""
	}
	in := "in " + request
	if request == noInput {
		in = "_ " + request
	}
	body := replace(`
// {{variable}} serves {{key}}.
var {{variable}} = function.Define(function.Spec[*{{service}}]{
	Name:    "{{name}}",
	Purpose: {{purpose}},
	New: func(resources *function.Resources) (*{{service}}, error) {
		return &{{service}}{}, nil
	},
	Routes: []function.RouteOf[*{{service}}]{
		function.{{constructor}}("{{key}}", (*{{service}}).{{use}}),
	},
	Permissions: function.Permissions{},
})

type {{service}} struct{}
{{types}}
// {{use}} serves {{key}}.
func ({{receiver}} *{{service}}) {{use}}(ctx context.Context, {{caller}}{{in}}) ({{response}}, error) {
{{contract}}}
`,
		"variable", o.variable(), "key", o.key, "service", o.service(), "name", domain+"-"+kebab(o.id),
		"purpose", fmt.Sprintf("%q", strings.TrimSuffix(o.summary, ".")+"."), "constructor", constructor, "use", o.useCaseName(),
		"types", types.text(), "receiver", o.receiver(), "caller", caller, "in", in, "response", response,
		"contract", comment("\t// ", "Write the use case, in place of this comment. The contract says: "+cmp.Or(o.description, o.summary)))
	return goFile(domain, "context", body)
}

func (o operation) test(domain string, types *typeWriter) (string, error) {
	caller := `function.Caller{UserID: "user-1"}, `
	if o.public {
		caller = ""
	}
	body := replace(`
func Test{{variable}}_ValidRequest_Succeeds(t *testing.T) {
	{{receiver}} := &{{service}}{}
	got, err := {{receiver}}.{{use}}(t.Context(), {{caller}}{{request}}{})
	if err != nil {
		t.Fatal(err)
	}
	// Compare got with what the contract says, in place of this comment.
}
`, "variable", o.variable(), "receiver", o.receiver(), "service", o.service(), "use", o.useCaseName(), "caller", caller, "request", types.requestName(o))
	return goFile(domain, "testing", body)
}

// replace returns the template with values in place of {{names}}.
func replace(template string, namesAndValues ...string) string {
	for i := 0; i < len(namesAndValues); i += 2 {
		namesAndValues[i] = "{{" + namesAndValues[i] + "}}"
	}
	return strings.NewReplacer(namesAndValues...).Replace(template)
}

// comment returns the text in lines of at most 90 characters, each with the prefix.
func comment(prefix, text string) string {
	var lines, line strings.Builder
	for _, word := range strings.Fields(text) {
		if line.Len() > 0 && line.Len()+len(word) > 86 {
			lines.WriteString(prefix + line.String() + "\n")
			line.Reset()
		}
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word)
	}
	return lines.String() + prefix + line.String() + "\n"
}
