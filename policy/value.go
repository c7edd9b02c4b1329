package policy

import (
	"encoding/json"
	"maps"
	"slices"
)

// at returns the value at the keys of decoded JSON, or nil if there is none.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// list returns a value's elements. In policies, CloudFormation accepts one element in
// place of a list with one element.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// walk calls visit for a value and every value in it.
func walk(value any, visit func(any)) {
	visit(value)
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			walk(v[key], visit)
		}
	case []any:
		for _, child := range v {
			walk(child, visit)
		}
	}
}

// isTrue reports whether a boolean is true. CloudFormation also accepts a string.
func isTrue(value any) bool { return value == true || value == "true" }

// text returns a value as JSON.
func text(value any) string {
	encoded, _ := json.Marshal(value) // decoded JSON always encodes
	return string(encoded)
}
