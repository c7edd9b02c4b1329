package function

import (
	"fmt"
	"reflect"
	"strings"
)

// Source is where a field of a request comes from.
type Source string

// The sources of fields.
const (
	FromBody   Source = "body"
	FromPath   Source = "path"
	FromQuery  Source = "query"
	FromHeader Source = "header"
)

// RequestField is a field of a request type that is read from a request: its tag `path`
// or `query` names a parameter, its tag `header` a header in lower case, or its tag
// `json` a field of the body.
type RequestField struct {
	reflect.StructField
	From Source
	// Parameter is the parameter's name in the path or the query, the header's name, or
	// the field's name in the body.
	Parameter string
}

// RequestFields returns the fields of the request type to which request points, those
// of embedded structs included. A type that is not a struct has none. It returns an
// error for an embedded pointer, which nothing would set.
func RequestFields(request any) ([]RequestField, error) {
	typ := reflect.TypeOf(request).Elem()
	if typ.Kind() != reflect.Struct {
		return nil, nil
	}
	var found []RequestField
	for _, field := range reflect.VisibleFields(typ) {
		switch {
		case field.Anonymous && field.Type.Kind() == reflect.Pointer:
			return nil, fmt.Errorf("%s embeds the pointer %s: embed the struct", typ, field.Type)
		case field.Anonymous || !field.IsExported():
		default:
			if from, name := sourceOf(field.Tag); name != "" {
				found = append(found, RequestField{field, from, name})
			}
		}
	}
	return found, nil
}

// sourceOf returns where a field with these tags comes from, and under which name. The
// name of a field that is not read is empty.
func sourceOf(tag reflect.StructTag) (Source, string) {
	for _, from := range []Source{FromPath, FromQuery, FromHeader} {
		if name, ok := tag.Lookup(string(from)); ok {
			return from, name
		}
	}
	if name, ok := tag.Lookup("json"); ok && name != "-" {
		name, _, _ = strings.Cut(name, ",")
		return FromBody, name
	}
	return FromBody, ""
}
