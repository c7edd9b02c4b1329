package contract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Body is a request body made from an operation's schema.
type Body struct {
	// Description says how the body is special, such as "email is missing".
	Description string
	// Value is the body before JSON encoding.
	Value any
}

// Bodies returns request bodies made from an operation's schema. The valid bodies are
// the minimal one, the full one, and the full one with each enum value and each allowed
// null. Each invalid body has one fault: a required property is missing or null, or a
// value has a wrong type or format.
func (o Operation) Bodies() (valid, invalid []Body) {
	var m bodyBuilder
	if o.body != nil {
		m.vary(o.body, "", func(body any) any { return body })
	}
	return m.valid, m.invalid
}

// bodyBuilder collects bodies.
type bodyBuilder struct{ valid, invalid []Body }

// vary adds the bodies that are special at one place. put returns the full body with a
// value at this place.
func (m *bodyBuilder) vary(schema *openapi3.Schema, at string, put func(any) any) {
	for _, one := range schema.OneOf {
		var alternative bodyBuilder
		alternative.vary(one.Value, at, put)
		m.valid = append(m.valid, alternative.valid...) // an invalid body of one alternative may be valid for another
	}
	if isObject(schema) {
		m.accept(at, "has everything", put(fullValue(schema, "")))
		m.accept(at, "has the least", put(minimalValue(schema, "")))
	}
	for _, value := range schema.Enum {
		m.accept(at, fmt.Sprintf("is %q", value), put(value))
	}
	if allowsNull(schema) {
		m.accept(at, "is null", put(nil))
	}
	for _, fault := range invalidValues(schema) {
		m.refuse(at, fault.Description, put(fault.Value))
	}
	for _, property := range slices.Sorted(maps.Keys(schema.Properties)) {
		m.varyProperty(schema, property, at, put)
	}
	if schema.Items != nil {
		m.vary(schema.Items.Value, at+"[]", func(item any) any { return put([]any{item}) })
	}
	if more := schema.AdditionalProperties.Schema; more != nil {
		m.vary(more.Value, at+".*", func(value any) any { return put(map[string]any{"key": value}) })
	}
}

func (m *bodyBuilder) varyProperty(schema *openapi3.Schema, property, at string, put func(any) any) {
	part, place := schema.Properties[property].Value, property
	if at != "" {
		place = at + "." + property
	}
	with := func(value any) any {
		object := fullValue(schema, "").(map[string]any)
		object[property] = value
		return put(object)
	}
	m.vary(part, place, with)
	if !slices.Contains(schema.Required, property) || allowsNull(part) { // a missing property is read as null
		return
	}
	object := fullValue(schema, "").(map[string]any)
	delete(object, property)
	m.refuse(place, "is missing", put(object))
	m.refuse(place, "is null", with(nil))
}

func (m *bodyBuilder) accept(at, about string, value any) {
	m.valid = append(m.valid, Body{Description: strings.TrimSpace(at + " " + about), Value: value})
}

func (m *bodyBuilder) refuse(at, about string, value any) {
	m.invalid = append(m.invalid, Body{Description: strings.TrimSpace(at + " " + about), Value: value})
}

// fullValue returns a value with every property of the schema. minimalValue returns a
// value with the required properties only. name is the property's name, which selects a
// sample text.
func fullValue(schema *openapi3.Schema, name string) any    { return valueOf(schema, name, false) }
func minimalValue(schema *openapi3.Schema, name string) any { return valueOf(schema, name, true) }

func valueOf(schema *openapi3.Schema, name string, sparing bool) any {
	switch {
	case schema.Const != nil:
		return schema.Const
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case len(schema.OneOf) > 0:
		return valueOf(schema.OneOf[len(schema.OneOf)-1].Value, name, sparing) // the first alternative is null
	case isObject(schema):
		return objectOf(schema, sparing)
	case schema.Type.Includes(openapi3.TypeArray):
		return []any{valueOf(schema.Items.Value, name, sparing)}
	case schema.Type.Includes(openapi3.TypeBoolean):
		return true
	case schema.Type.Includes(openapi3.TypeString):
		return text(schema, name)
	case schema.Type.Includes(openapi3.TypeNumber), schema.Type.Includes(openapi3.TypeInteger):
		return number(schema, name)
	}
	return "anything"
}

func objectOf(schema *openapi3.Schema, sparing bool) map[string]any {
	object := map[string]any{}
	for name, part := range schema.Properties {
		if !sparing || slices.Contains(schema.Required, name) {
			object[name] = valueOf(part.Value, name, sparing)
		}
	}
	if more := schema.AdditionalProperties.Schema; more != nil && !sparing {
		object["key"] = valueOf(more.Value, "", sparing)
	}
	return object
}

func isObject(schema *openapi3.Schema) bool { return schema.Type.Includes(openapi3.TypeObject) }

func allowsNull(schema *openapi3.Schema) bool {
	return schema.Type.Includes(openapi3.TypeNull) ||
		slices.ContainsFunc(schema.OneOf, func(one *openapi3.SchemaRef) bool { return allowsNull(one.Value) })
}
