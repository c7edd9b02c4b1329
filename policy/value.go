package policy

import (
	"encoding/json"
	"maps"
	"slices"
)

// at follows keys into decoded JSON; nil where there is nothing.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

// list returns a value's elements: CloudFormation accepts one element in place
// of a list of one in policies.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// walk calls visit for a value and all below it.
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

// isTrue reads a boolean, which CloudFormation also takes as a string.
func isTrue(value any) bool { return value == true || value == "true" }

// text is a value as JSON.
func text(value any) string {
	encoded, _ := json.Marshal(value) // decoded JSON always encodes
	return string(encoded)
}
