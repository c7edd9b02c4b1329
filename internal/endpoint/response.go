package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

const responseSuffix = "Response"

// response writes the response type of an operation and returns its name.
func (w *typeWriter) response(o operation) (string, error) {
	schema := merged(o.response.Value)
	if slices.Equal(slices.Sorted(maps.Keys(schema.Properties)), []string{"message", "success"}) {
		return "function.SuccessResponse", nil
	}
	name := o.service() + responseSuffix
	fields, err := w.responseFields(name, schema)
	if err != nil {
		return "", err
	}
	w.write(name, "is the response of "+o.key+".", fields)
	return name, nil
}

// responseFields returns the fields of the type with this name, for the properties of a
// schema. A text and an object that the contract does not require are left out when they
// are empty; everything else is always sent.
func (w *typeWriter) responseFields(name string, schema *openapi3.Schema) ([]string, error) {
	var fields []string
	for _, property := range slices.Sorted(maps.Keys(schema.Properties)) {
		ref, null := split(schema.Properties[property])
		typ, err := w.responseType(name, property, ref)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, property, err)
		}
		tag := property
		absent := !slices.Contains(schema.Required, property)
		switch {
		case null:
			typ = "*" + typ
		case absent && isObject(ref.Value) && len(merged(ref.Value).Properties) > 0:
			typ, tag = "*"+typ, tag+",omitempty"
		case absent && ref.Value.Type.Includes(openapi3.TypeString):
			tag += ",omitempty"
		}
		fields = append(fields, fmt.Sprintf("%s %s `json:%q`\n", exported(property), typ, tag))
	}
	return fields, nil
}

// textTypes are the types of texts by format.
var textTypes = map[string]string{"date-time": "dates.Instant", "date": "dates.Day"}

// responseType returns the type of a value that is sent.
func (w *typeWriter) responseType(parent, property string, ref *openapi3.SchemaRef) (string, error) {
	schema := ref.Value
	is := func(typ string) bool { return schema.Type.Includes(typ) }
	switch {
	case schema.Type == nil && !isObject(schema):
		return "any", nil
	case is(openapi3.TypeString):
		if typ, known := textTypes[schema.Format]; known {
			return typ, nil
		}
		return "string", nil
	case is(openapi3.TypeNumber), is(openapi3.TypeInteger):
		return w.numberType(property, schema), nil
	case is(openapi3.TypeBoolean):
		return "bool", nil
	case is(openapi3.TypeArray):
		typ, err := w.responseType(parent, property, schema.Items)
		return "function.List[" + typ + "]", err
	}
	return w.responseObject(parent, property, ref)
}

func (w *typeWriter) responseObject(parent, property string, ref *openapi3.SchemaRef) (string, error) {
	schema := merged(ref.Value)
	if more := schema.AdditionalProperties.Schema; more != nil {
		typ, err := w.responseType(parent, property, more)
		return "function.Map[" + typ + "]", err
	}
	if len(schema.Properties) == 0 {
		return "function.Map[any]", nil
	}
	name := nestedName(parent, property, responseSuffix, ref)
	if slices.Contains(w.declared, name) {
		return name, nil
	}
	w.declared = append(w.declared, name) // before its fields, which may refer to it
	fields, err := w.responseFields(name, schema)
	if err != nil {
		return "", err
	}
	w.write(name, "is a part of responses.", fields)
	return name, nil
}
