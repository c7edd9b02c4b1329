package lambdas_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/dates"
	"github.com/expenzez/infrastructure/lambdas/money"
)

// problem is a place of a response type that breaks the contract.
type problem struct{ place, text string }

// responseProblems compares the type of a response with its schema. Every value of a type
// without problems has what the schema requires, only what the schema names, and the JSON
// types of the schema. Values of enums and patterns are not compared.
func responseProblems(typ reflect.Type, schema *openapi3.Schema) []problem {
	var c typeComparison
	c.compare("", typ, schema)
	return c.problems
}

// typeComparison collects problems.
type typeComparison struct {
	problems []problem
	open     []reflect.Type // the structs on the way to the place, which a type may repeat
}

func (c *typeComparison) add(place, format string, args ...any) {
	c.problems = append(c.problems, problem{place, fmt.Sprintf(format, args...)})
}

// formatTypes are the types of texts of a format. They have no other form.
var formatTypes = map[string]reflect.Type{
	"date-time": reflect.TypeFor[dates.Instant](),
	"date":      reflect.TypeFor[dates.Day](),
}

// compare compares the type of a value that is sent and not null.
func (c *typeComparison) compare(place string, typ reflect.Type, schema *openapi3.Schema) {
	if len(schema.OneOf) > 0 {
		c.compareAlternatives(place, typ, schema)
		return
	}
	schema = flatten(schema)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	kind := jsonType(typ)
	if schema.Type == nil {
		return // the schema takes any value
	}
	if !schema.Type.Includes(kind) && !(kind == openapi3.TypeInteger && schema.Type.Includes(openapi3.TypeNumber)) {
		c.add(place, "is of the type %s, in JSON %s: the contract says %s", typ, kind, strings.Join(schema.Type.Slice(), " or "))
		return
	}
	switch kind {
	case openapi3.TypeString:
		if want := formatTypes[schema.Format]; want != nil && typ != want {
			c.add(place, "is a %s: the contract says %s, which is a %s", typ, schema.Format, want)
		}
	case openapi3.TypeArray:
		if schema.Items != nil {
			c.compareElement(place+"[]", typ.Elem(), schema.Items.Value)
		}
	case openapi3.TypeObject:
		c.compareObject(place, typ, schema)
	}
}

func (c *typeComparison) compareAlternatives(place string, typ reflect.Type, schema *openapi3.Schema) {
	for _, one := range schema.OneOf {
		if len(responseProblems(typ, one.Value)) == 0 {
			return
		}
	}
	c.add(place, "is of the type %s, which fits no alternative of the contract", typ)
}

// compareElement compares an element of a list or map.
func (c *typeComparison) compareElement(place string, typ reflect.Type, schema *openapi3.Schema) {
	if encodesNull(typ) && !nullable(schema) {
		c.add(place, "may be null: use %s", withoutNull(typ))
	}
	c.compare(place, typ, schema)
}

func (c *typeComparison) compareObject(place string, typ reflect.Type, schema *openapi3.Schema) {
	if typ.Kind() == reflect.Map {
		c.compareMap(place, typ, schema)
		return
	}
	if typ.Kind() != reflect.Struct || slices.Contains(c.open, typ) {
		return
	}
	c.open = append(c.open, typ)
	defer func() { c.open = c.open[:len(c.open)-1] }()
	sent := c.fieldsOf(place, typ)
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		c.compareField(below(place, name), sent[name], schema.Properties[name], schema)
	}
	for _, name := range schema.Required {
		if field, is := sent[name]; !is {
			c.add(below(place, name), "is never sent: the contract requires it")
		} else if field.omissible {
			c.add(below(place, name), "is left out when it is empty: the contract requires it")
		}
	}
}

func (c *typeComparison) compareMap(place string, typ reflect.Type, schema *openapi3.Schema) {
	for _, name := range schema.Required {
		c.add(below(place, name), "may be missing from a %s: the contract requires it", typ)
	}
	if more := schema.AdditionalProperties.Schema; more != nil {
		c.compareElement(place+".*", typ.Elem(), more.Value)
	} else if len(schema.Properties) > 0 {
		c.add(place, "is a %s: the contract names its properties", typ)
	}
}

func (c *typeComparison) compareField(place string, field responseField, property *openapi3.SchemaRef, object *openapi3.Schema) {
	if property == nil {
		property = object.AdditionalProperties.Schema
	}
	if property == nil {
		if len(object.Properties) > 0 && object.AdditionalProperties.Has == nil {
			c.add(place, "is not in the contract")
		}
		return
	}
	if !field.omissible && encodesNull(field.typ) && !nullable(property.Value) {
		c.add(place, "may be null: use %s", withoutNull(field.typ))
	}
	c.compare(place, field.typ, property.Value)
}

// responseField is a field as encoding/json sends it.
type responseField struct {
	typ reflect.Type
	// omissible reports whether an empty value is left out.
	omissible bool
}

// fieldsOf returns the fields of a struct by their names in JSON.
func (c *typeComparison) fieldsOf(place string, typ reflect.Type) map[string]responseField {
	sent := map[string]responseField{}
	for _, field := range reflect.VisibleFields(typ) {
		tag, tagged := field.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-" || !field.Anonymous && !field.IsExported():
			continue
		case field.Anonymous && !tagged:
			if field.Type.Kind() == reflect.Pointer {
				c.add(place, "embeds the pointer %s, whose fields may be missing: embed the struct", field.Type)
			}
			continue
		case name == "":
			name = field.Name
		}
		all := strings.Split(options, ",")
		if slices.Contains(all, "string") {
			c.add(below(place, name), "has the JSON option string, which this test does not know")
		}
		sent[name] = responseField{field.Type, slices.Contains(all, "omitempty") || slices.Contains(all, "omitzero")}
	}
	return sent
}

// flatten returns a schema with the properties of everything that it is composed of.
func flatten(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.AllOf) == 0 {
		return schema
	}
	flat := *schema
	flat.Properties, flat.Required = maps.Clone(schema.Properties), slices.Clone(schema.Required)
	if flat.Properties == nil {
		flat.Properties = openapi3.Schemas{}
	}
	for _, part := range schema.AllOf {
		piece := flatten(part.Value)
		maps.Copy(flat.Properties, piece.Properties)
		flat.Required = append(flat.Required, piece.Required...)
		if flat.Type == nil {
			flat.Type = piece.Type
		}
	}
	return &flat
}

// jsonType returns the JSON type of the type's values, as the contract names it.
func jsonType(typ reflect.Type) string {
	switch text := zeroJSON(typ); {
	case text == "null":
		return jsonTypeOfKind(typ)
	case strings.HasPrefix(text, "{"):
		return openapi3.TypeObject
	case strings.HasPrefix(text, "["):
		return openapi3.TypeArray
	case strings.HasPrefix(text, `"`):
		return openapi3.TypeString
	case text == "true" || text == "false":
		return openapi3.TypeBoolean
	case reflect.Int <= typ.Kind() && typ.Kind() <= reflect.Uint64:
		return openapi3.TypeInteger
	}
	return openapi3.TypeNumber
}

// jsonTypeOfKind returns the JSON type of a type whose zero value is null.
func jsonTypeOfKind(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.Slice:
		if typ.Elem().Kind() == reflect.Uint8 {
			return openapi3.TypeString
		}
		return openapi3.TypeArray
	case reflect.Map:
		return openapi3.TypeObject
	}
	return "anything"
}

func encodesNull(typ reflect.Type) bool { return zeroJSON(typ) == "null" }

func zeroJSON(typ reflect.Type) string {
	text, err := json.Marshal(reflect.Zero(typ).Interface())
	if err != nil {
		panic(fmt.Sprintf("the zero value of %s: %v", typ, err))
	}
	return string(text)
}

// withoutNull returns what an author writes in place of a type whose zero value is null.
func withoutNull(typ reflect.Type) string {
	switch typ.Kind() {
	case reflect.Slice:
		return "function.List"
	case reflect.Map:
		return "function.Map"
	}
	return "omitempty, or no pointer"
}

func nullable(schema *openapi3.Schema) bool {
	return schema.Type == nil && len(schema.OneOf) == 0 || schema.Type.Includes(openapi3.TypeNull) ||
		slices.ContainsFunc(schema.OneOf, func(one *openapi3.SchemaRef) bool { return nullable(one.Value) })
}

func below(place, name string) string { return strings.TrimPrefix(place+"."+name, ".") }

// Each case breaks one thing in a type that fits.
func TestResponseProblems_TypeThatBreaksContract_IsNamed(t *testing.T) {
	schema := &openapi3.Schema{}
	if err := json.Unmarshal([]byte(`{"type":"object","required":["name","list"],"properties":{
		"name":{"type":"string"},"list":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}},
		"amount":{"type":"number"},"at":{"type":"string","format":"date-time"},"day":{"type":"string","format":"date"},
		"note":{"type":["string","null"]},"by":{"type":"object","additionalProperties":{"type":"number"}},"free":{"type":"object"}}}`), schema); err != nil {
		t.Fatal(err)
	}
	type item struct {
		ID int `json:"id"`
	}
	type base struct {
		Name string              `json:"name"`
		List function.List[item] `json:"list"`
	}
	for want, typ := range map[string]reflect.Type{
		"": reflect.TypeFor[struct {
			base
			Amount money.Amount               `json:"amount"`
			At     *dates.Instant             `json:"at,omitempty"`
			Day    dates.Day                  `json:"day,omitempty"`
			Note   *string                    `json:"note"`
			By     function.Map[money.Amount] `json:"by"`
			Free   map[string]any             `json:"free,omitempty"`
			hidden bool
		}](),
		"name is left out when it is empty: the contract requires it": reflect.TypeFor[struct {
			Name string              `json:"name,omitempty"`
			List function.List[item] `json:"list"`
		}](),
		"list is never sent: the contract requires it": reflect.TypeFor[struct {
			Name string `json:"name"`
		}](),
		"list may be null: use function.List": reflect.TypeFor[struct {
			Name string `json:"name"`
			List []item `json:"list"`
		}](),
		"list[] may be null: use omitempty, or no pointer": reflect.TypeFor[struct {
			Name string               `json:"name"`
			List function.List[*item] `json:"list"`
		}](),
		"list[].id is of the type string, in JSON string: the contract says integer": reflect.TypeFor[struct {
			Name string `json:"name"`
			List function.List[struct {
				ID string `json:"id"`
			}] `json:"list"`
		}](),
		"list[].id is of the type money.Amount, in JSON number: the contract says integer": reflect.TypeFor[struct {
			Name string `json:"name"`
			List function.List[struct {
				ID money.Amount `json:"id"`
			}] `json:"list"`
		}](),
		"Amount is not in the contract": reflect.TypeFor[struct {
			base
			Amount money.Amount
		}](),
		"at is a string: the contract says date-time, which is a dates.Instant": reflect.TypeFor[struct {
			base
			At string `json:"at"`
		}](),
		"day is a time.Time: the contract says date, which is a dates.Day": reflect.TypeFor[struct {
			base
			Day time.Time `json:"day"`
		}](),
		"by may be null: use function.Map": reflect.TypeFor[struct {
			base
			By map[string]int `json:"by"`
		}](),
		"by.* is of the type bool, in JSON boolean: the contract says number": reflect.TypeFor[struct {
			base
			By function.Map[bool] `json:"by"`
		}](),
		"note is of the type interface {}, in JSON anything: the contract says string or null": reflect.TypeFor[struct {
			base
			Note any `json:"note"`
		}](),
		" embeds the pointer *lambdas_test.base, whose fields may be missing: embed the struct": reflect.TypeFor[struct{ *base }](),
		" is of the type interface {}, in JSON anything: the contract says object":              reflect.TypeFor[any](),
	} {
		var got []string
		for _, p := range responseProblems(typ, schema) {
			got = append(got, p.place+" "+p.text)
		}
		if strings.Join(got, "\n") != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
