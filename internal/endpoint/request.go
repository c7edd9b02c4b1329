package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const requestSuffix = "Request"

// Sizes of requests that the contract does not bound. An author gives better ones.
const (
	maxText    = "max=256"
	maxKey     = "max=128"
	maxList    = "max=1000"
	maxEntries = "max=100"
)

// requestFields writes the fields of request types.
type requestFields struct {
	*typeWriter
	// changes reports whether an absent text leaves what is stored: it is a pointer then.
	changes bool
	// taken are the names of fields of parameters, which a property of the body may share.
	taken []string
}

// ofObject returns the fields of the type with this name, for the properties of a schema.
func (r requestFields) ofObject(name string, schema *openapi3.Schema) ([]string, error) {
	var fields []string
	for _, property := range slices.Sorted(maps.Keys(schema.Properties)) {
		typ, rules, err := r.of(name, property, schema.Properties[property], slices.Contains(schema.Required, property))
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, property, err)
		}
		tag := fmt.Sprintf("json:%q", property)
		if len(rules) > 0 {
			tag += fmt.Sprintf(" validate:%q", strings.Join(rules, ","))
		}
		field := exported(property)
		if slices.Contains(r.taken, field) {
			field += "InBody"
		}
		fields = append(fields, fmt.Sprintf("%s %s `%s`\n", field, typ, tag))
	}
	return fields, nil
}

// of returns the type and the rules of a property.
func (r requestFields) of(parent, property string, ref *openapi3.SchemaRef, required bool) (typ string, rules []string, err error) {
	ref, null := split(ref)
	schema := ref.Value
	required = required && !null
	typ, rules, err = r.value(parent, property, ref)
	if err != nil {
		return "", nil, err
	}
	text := typ == "string"
	positive := schema.ExclusiveMin.Value != nil && *schema.ExclusiveMin.Value >= 0 || schema.Min != nil && *schema.Min > 0
	switch number := schema.Type.Includes(openapi3.TypeNumber) || schema.Type.Includes(openapi3.TypeInteger); {
	case strings.HasPrefix(typ, "[]"), strings.HasPrefix(typ, "map["), typ == "any":
	case text && (required || !r.changes), number && required && positive:
	default: // the zero value is a value, too
		typ = "*" + typ
	}
	switch {
	case required:
		rules = append([]string{"required"}, rules...)
	case len(rules) > 0:
		rules = append([]string{"omitempty"}, rules...)
	}
	return typ, rules, nil
}

// value returns the type of a value that is there, and its rules.
func (r requestFields) value(parent, property string, ref *openapi3.SchemaRef) (string, []string, error) {
	schema := ref.Value
	is := func(typ string) bool { return schema.Type.Includes(typ) }
	switch {
	case schema.Type == nil && !isObject(schema):
		return "any", nil, nil
	case is(openapi3.TypeString):
		rules, err := textRules(schema)
		return "string", rules, err
	case is(openapi3.TypeNumber), is(openapi3.TypeInteger):
		return r.numberType(property, schema), numberRules(schema), nil
	case is(openapi3.TypeBoolean):
		return "bool", constantRules(schema), nil
	case is(openapi3.TypeArray):
		typ, rules, err := r.value(parent, property, schema.Items)
		return "[]" + typ, append([]string{maxList, "dive"}, rules...), err
	}
	return r.object(parent, property, ref)
}

func (r requestFields) object(parent, property string, ref *openapi3.SchemaRef) (string, []string, error) {
	schema := merged(ref.Value)
	keys := []string{maxEntries, "dive", "keys", maxKey, "plaintext", "endkeys"}
	if more := schema.AdditionalProperties.Schema; more != nil {
		typ, rules, err := r.value(parent, property, more)
		return "map[string]" + typ, append(keys, rules...), err
	}
	if len(schema.Properties) == 0 {
		return "map[string]any", keys, nil
	}
	name := nestedName(parent, property, requestSuffix, ref)
	if slices.Contains(r.declared, name) {
		return name, nil, nil
	}
	r.declared = append(r.declared, name) // before its fields, which may refer to it
	fields, err := requestFields{typeWriter: r.typeWriter, changes: r.changes}.ofObject(name, schema)
	if err != nil {
		return "", nil, err
	}
	r.write(name, "is a part of requests.", fields)
	return name, nil, nil
}

// formatRules and patternRules are the rules of texts by format and pattern.
var (
	formatRules  = map[string]string{"email": "email,max=254", "date-time": "instant", "date": "day", "uri": "url,max=2048"}
	patternRules = map[string]string{`^\d{5}$`: "pin", `^\d{4}-\d{2}$`: "month", `^.{6}$`: "len=6,plaintext", `^\d{2}/\d{2}/\d{4}$`: "birthdate"}
)

// textRules returns the rules of a text that is there. It returns an error for a pattern
// and a format without a rule.
func textRules(schema *openapi3.Schema) ([]string, error) {
	for _, form := range []struct {
		name  string
		rules map[string]string
	}{{schema.Format, formatRules}, {schema.Pattern, patternRules}} {
		if form.name == "" {
			continue
		}
		rule, known := form.rules[form.name]
		if !known {
			return nil, fmt.Errorf("no rule for texts of the form %q: add one to lambdas/internal/validation, and its name to internal/endpoint/request.go", form.name)
		}
		return strings.Split(rule, ","), nil
	}
	if rules := constantRules(schema); rules != nil {
		return rules, nil
	}
	limit := maxText
	if schema.MaxLength != nil {
		limit = fmt.Sprintf("max=%d", *schema.MaxLength)
	}
	rules := []string{limit, "plaintext"}
	if schema.MinLength > 0 {
		rules = append([]string{fmt.Sprintf("min=%d", schema.MinLength)}, rules...)
	}
	return rules, nil
}

// constantRules returns the rule of a value that must be one of some, or none.
func constantRules(schema *openapi3.Schema) []string {
	if schema.Const != nil {
		return []string{"eq=" + escaped(fmt.Sprint(schema.Const))}
	}
	if len(schema.Enum) == 0 {
		return nil
	}
	var values []string
	for _, value := range schema.Enum {
		text := escaped(fmt.Sprint(value))
		if value == nil {
			continue
		}
		if strings.Contains(text, " ") {
			text = "'" + text + "'"
		}
		values = append(values, text)
	}
	return []string{"oneof=" + strings.Join(values, " ")}
}

// escaped returns a parameter of a rule without the characters that separate rules.
// https://pkg.go.dev/github.com/go-playground/validator/v10#hdr-Using_Validator_Tags
func escaped(text string) string { return strings.NewReplacer(",", "0x2C", "|", "0x7C").Replace(text) }

func numberRules(schema *openapi3.Schema) []string {
	rules := constantRules(schema)
	for _, bound := range []struct {
		rule  string
		value *float64
	}{{"gt", schema.ExclusiveMin.Value}, {"min", schema.Min}, {"lt", schema.ExclusiveMax.Value}, {"max", schema.Max}} {
		if bound.value != nil {
			rules = append(rules, bound.rule+"="+strconv.FormatFloat(*bound.value, 'f', -1, 64))
		}
	}
	return rules
}
