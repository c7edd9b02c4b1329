package fieldcrypt

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// sealedField is a field of type tables.EncryptedString: its attribute, and its index
// in the struct.
type sealedField struct {
	attribute string
	index     int
}

var encryptedType = reflect.TypeFor[tables.EncryptedString]()

// plan returns the encrypted fields of an item type. Its error says why the table
// cannot store the type.
func plan(item reflect.Type, table *tables.Table) ([]sealedField, error) {
	if item.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is no struct", item)
	}
	var sealed []sealedField
	var clear []string
	for i := range item.NumField() {
		field := item.Field(i)
		attribute, _, _ := strings.Cut(field.Tag.Get("dynamodbav"), ",")
		switch {
		case field.Type != encryptedType && containsEncrypted(field.Type, nil):
			return nil, fmt.Errorf("%s.%s holds a tables.EncryptedString inside: personal data must be a field of the item itself", item, field.Name)
		case field.Type != encryptedType:
			clear = append(clear, attribute)
			clear = append(clear, promoted(field)...)
		case !field.IsExported() || attribute == "" || attribute == "-":
			return nil, fmt.Errorf(`%s.%s must be exported and have a tag such as dynamodbav:"email"`, item, field.Name)
		default:
			sealed = append(sealed, sealedField{attribute: attribute, index: i})
		}
	}
	for _, key := range []tables.Attribute{table.PartitionKey, table.SortKey} {
		if key.Name != "" && !slices.Contains(clear, key.Name) {
			return nil, fmt.Errorf("%s has no clear field for the key attribute %s of table %s", item, key.Name, table.Name)
		}
	}
	if len(sealed) == 0 {
		return nil, fmt.Errorf("%s has no field of type tables.EncryptedString: use attributevalue", item)
	}
	return sealed, nil
}

// promoted returns the attributes that an item has from an embedded struct.
func promoted(field reflect.StructField) (attributes []string) {
	if !field.Anonymous || field.Type.Kind() != reflect.Struct {
		return nil
	}
	for _, inner := range reflect.VisibleFields(field.Type) {
		attribute, _, _ := strings.Cut(inner.Tag.Get("dynamodbav"), ",")
		attributes = append(attributes, attribute)
	}
	return attributes
}

// containsEncrypted reports whether a value of the type can contain a
// tables.EncryptedString.
func containsEncrypted(t reflect.Type, seen []reflect.Type) bool {
	if t == encryptedType || slices.Contains(seen, t) {
		return t == encryptedType
	}
	seen = append(seen, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return containsEncrypted(t.Elem(), seen)
	case reflect.Map:
		return containsEncrypted(t.Key(), seen) || containsEncrypted(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if containsEncrypted(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
