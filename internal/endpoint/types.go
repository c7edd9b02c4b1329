package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const noInput = "function.NoInput"

// typeWriter writes the Go types of schemas. A type that the package declares is used as
// it is.
type typeWriter struct {
	options
	declared []string
	written  strings.Builder
}

func (w *typeWriter) text() string { return w.written.String() }

// write writes a struct with the fields, unless the package has one of the name.
func (w *typeWriter) write(name, about string, fields []string) {
	w.declared = append(w.declared, name)
	fmt.Fprintf(&w.written, "\n%stype %s struct {\n%s}\n", comment("// ", name+" "+about), name, strings.Join(fields, ""))
}

// requestName returns the name of the request type of an operation.
func (w *typeWriter) requestName(o operation) string {
	if o.request == nil && len(o.parameters) == 0 {
		return noInput
	}
	return o.service() + "Request"
}

// request writes the request type of an operation and returns its name.
func (w *typeWriter) request(o operation) (string, error) {
	name := w.requestName(o)
	if name == noInput {
		return name, nil
	}
	var fields []string
	if path := w.pathPart(o); path != "" {
		fields = append(fields, path+"\n")
	}
	for _, parameter := range o.parameters {
		if parameter.In == openapi3.ParameterInQuery {
			field, err := queryField(parameter)
			if err != nil {
				return "", err
			}
			fields = append(fields, field)
		}
	}
	if o.request != nil {
		r := requestFields{typeWriter: w, changes: o.method == "PUT" || o.method == "PATCH"}
		for _, parameter := range o.parameters {
			r.taken = append(r.taken, exported(parameter.Name))
		}
		body, err := r.ofObject(name, merged(o.request.Value))
		if err != nil {
			return "", err
		}
		fields = append(fields, body...)
	}
	w.write(name, "is the request of "+o.key+".", fields)
	return name, nil
}

// pathPart writes the struct of the operation's path parameters, which requests embed,
// and returns its name. It is "" if there are none.
func (w *typeWriter) pathPart(o operation) string {
	name := "by"
	var fields []string
	for _, parameter := range o.parameters {
		if parameter.In != openapi3.ParameterInPath {
			continue
		}
		name += exported(parameter.Name)
		rules := "required,max=128,plaintext"
		if parameter.Name == "deviceId" {
			rules = "required,deviceid"
		}
		fields = append(fields, fmt.Sprintf("%s string `path:%q json:\"-\" validate:%q`\n", exported(parameter.Name), parameter.Name, rules))
	}
	switch {
	case fields == nil:
		return ""
	case !slices.Contains(w.declared, name):
		w.write(name, "is the part of a request that comes from its path.", fields)
	}
	return name
}

func queryField(parameter *openapi3.Parameter) (string, error) {
	schema := parameter.Schema.Value
	var typ string
	var rules []string
	var err error
	switch {
	case schema.Type.Includes(openapi3.TypeString):
		typ = "string"
		rules, err = textRules(schema)
	case schema.Type.Includes(openapi3.TypeInteger):
		typ, rules = "int", numberRules(schema)
	case schema.Type.Includes(openapi3.TypeBoolean):
		typ = "bool"
	default:
		err = errors.New("is neither a text, a whole number nor a boolean")
	}
	if err != nil {
		return "", fmt.Errorf("the parameter %s: %w", parameter.Name, err)
	}
	first := "omitempty"
	if parameter.Required {
		first = "required"
	}
	return fmt.Sprintf("%s %s `query:%q json:\"-\" validate:%q`\n", exported(parameter.Name), typ, parameter.Name, strings.Join(append([]string{first}, rules...), ",")), nil
}

// nestedName returns the name of the type of a schema below another: that of its
// component in the contract, or the parent's and the property's.
func nestedName(parent, property, suffix string, ref *openapi3.SchemaRef) string {
	name := strings.TrimSuffix(parent, suffix) + exported(property)
	if component := ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]; component != "" {
		name = unexported(component)
	}
	return strings.TrimSuffix(name, suffix) + suffix
}

// merged returns an object's schema with the properties of all that it is composed of. A
// property that only some alternatives have or require is not required.
func merged(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.AllOf) == 0 && len(schema.OneOf) == 0 {
		return schema
	}
	whole := *schema
	whole.Properties = maps.Clone(schema.Properties)
	if whole.Properties == nil {
		whole.Properties = openapi3.Schemas{}
	}
	whole.AllOf, whole.OneOf = nil, nil
	whole.Type = &openapi3.Types{openapi3.TypeObject}
	for _, part := range schema.AllOf {
		piece := merged(part.Value)
		maps.Copy(whole.Properties, piece.Properties)
		whole.Required = append(slices.Clone(whole.Required), piece.Required...)
	}
	required := map[string]int{}
	for _, one := range schema.OneOf {
		piece := merged(one.Value)
		for name, property := range piece.Properties {
			whole.Properties[name] = either(whole.Properties[name], property)
		}
		for _, name := range piece.Required {
			required[name]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		if required[name] == len(schema.OneOf) {
			whole.Required = append(whole.Required, name)
		}
	}
	return &whole
}

// either returns a schema of a property that two alternatives have: one that takes the
// constants of both, or the first.
func either(a, b *openapi3.SchemaRef) *openapi3.SchemaRef {
	if a == nil {
		return b
	}
	constants := append(constantsOf(a.Value), constantsOf(b.Value)...)
	if constantsOf(a.Value) == nil || constantsOf(b.Value) == nil {
		return a
	}
	both := *a.Value
	both.Const, both.Enum = nil, constants
	return &openapi3.SchemaRef{Value: &both}
}

func constantsOf(schema *openapi3.Schema) []any {
	if schema.Const != nil {
		return []any{schema.Const}
	}
	return schema.Enum
}

// split returns the schema without null, and whether it takes null.
func split(ref *openapi3.SchemaRef) (*openapi3.SchemaRef, bool) {
	schema := ref.Value
	if len(schema.OneOf) == 2 && schema.OneOf[0].Value.Type.Is(openapi3.TypeNull) {
		return schema.OneOf[1], true
	}
	return ref, schema.Type.Includes(openapi3.TypeNull)
}

func isObject(schema *openapi3.Schema) bool {
	return schema.Type.Includes(openapi3.TypeObject) || len(schema.AllOf) > 0 || len(schema.OneOf) > 0
}

// moneyWords are words of properties that are amounts; plainWords are words of those that
// are other numbers whatever else the name says.
var (
	moneyWords = []string{
		"amount", "balance", "price", "cost", "spent", "spend", "spending", "income", "expense", "expenses", "budget", "saved",
		"saving", "savings", "debt", "payment", "payments", "fee", "limit", "credit", "debit", "contribution", "target", "remaining",
	}
	plainWords = []string{"percent", "percentage", "rate", "score", "ratio", "confidence", "utilization", "utilisation", "apr", "progress", "count", "days", "months", "change", "trend"}
)

// isMoney reports whether a number is an amount of money.
func (w *typeWriter) isMoney(property string, schema *openapi3.Schema) bool {
	if slices.Contains(w.money, property) || slices.Contains(w.plain, property) {
		return slices.Contains(w.money, property)
	}
	has := func(name, list []string) bool {
		return slices.ContainsFunc(name, func(word string) bool { return slices.Contains(list, word) })
	}
	about := words(schema.Description)
	if has(words(property), plainWords) || has(about, []string{"percent", "percentage"}) || strings.Contains(schema.Description, "%") {
		return false
	}
	return has(words(property), moneyWords) || has(about, []string{"pounds", "gbp", "money"}) || strings.Contains(schema.Description, "£")
}

// numberType returns the Go type of a number.
func (w *typeWriter) numberType(property string, schema *openapi3.Schema) string {
	switch {
	case schema.Type.Includes(openapi3.TypeInteger) && schema.Format == "int64":
		return "int64"
	case schema.Type.Includes(openapi3.TypeInteger):
		return "int"
	case w.isMoney(property, schema):
		return "money.Amount"
	}
	return "float64"
}
