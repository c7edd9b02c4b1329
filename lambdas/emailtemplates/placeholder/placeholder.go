// Package placeholder is what stands in a compiled message for a value that only
// the sender knows.
package placeholder

import (
	"fmt"
	"strings"
)

const left, right = "{{ ", " }}"

// Of returns the placeholder of a value, such as "{{ App }}".
func Of(name string) string { return left + name + right }

// Fill returns the text with each placeholder replaced by its value, escaped. What
// looks like a placeholder in a value stays as it is. The error names a value
// that is missing.
func Fill(text string, values map[string]string, escape func(string) string) (string, error) {
	var filled strings.Builder
	for {
		before, rest, found := strings.Cut(text, left)
		filled.WriteString(before)
		if !found {
			return filled.String(), nil
		}
		name, after, _ := strings.Cut(rest, right)
		value, known := values[name]
		if !known {
			return "", fmt.Errorf("the value %q is missing", name)
		}
		filled.WriteString(escape(value))
		text = after
	}
}
