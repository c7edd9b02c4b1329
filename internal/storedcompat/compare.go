package storedcompat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Compare returns a sentence for each attribute that the release and the code cannot both
// read. The keys of accepted are the attributes, such as "item User.email", whose change
// is the last step of a contraction; an entry that accepts nothing is a problem, too.
func Compare(released, code Schema, accepted map[string]string) (problems []string) {
	changes := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(released)) {
		attributes, exists := code[name]
		if !exists {
			changes[name] = "is gone"
			continue
		}
		for _, attribute := range slices.Sorted(maps.Keys(released[name])) {
			was, is := released[name][attribute], attributes[attribute]
			at := name + "." + attribute
			switch {
			case is == "":
				changes[at] = "is gone"
			case is == was || compatible(was, is):
			default:
				changes[at] = fmt.Sprintf("was %s, is %s", was, is)
			}
		}
		for _, attribute := range slices.Sorted(maps.Keys(attributes)) {
			if released[name][attribute] == "" && strings.Contains(attributes[attribute], " required") {
				changes[name+"."+attribute] = "is new and required: the release does not write it"
			}
		}
	}
	for _, at := range slices.Sorted(maps.Keys(changes)) {
		if accepted[at] == "" {
			problems = append(problems, at+" "+changes[at])
		}
	}
	for _, at := range slices.Sorted(maps.Keys(accepted)) {
		if changes[at] == "" {
			problems = append(problems, at+" is accepted and has not changed")
		}
	}
	return problems
}

// compatible reports whether an encoding has only gained optional attributes: of a nested
// struct, or of the elements of a list or map.
func compatible(was, is string) bool {
	old, new := attributesOf(was), attributesOf(is)
	if old == nil || new == nil || strings.Contains(is, " required") && !strings.Contains(was, " required") {
		return false
	}
	for name, encoding := range old {
		if new[name] != encoding && !compatible(encoding, new[name]) {
			return false
		}
	}
	return true
}

// attributesOf returns the attributes of an encoding "{a: string, b: {…}}", and nil of
// another one. A prefix such as "list of " counts as an attribute without a name.
func attributesOf(encoding string) map[string]string {
	prefix, inner, is := strings.Cut(encoding, "{")
	if !is || !strings.HasSuffix(inner, "}") {
		return nil
	}
	attributes, depth, start := map[string]string{"": prefix}, 0, 0
	inner = strings.TrimSuffix(inner, "}")
	for i, r := range inner + "," {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == ',' && depth == 0:
			name, value, _ := strings.Cut(strings.TrimSpace(inner[start:i]), ": ")
			attributes[name] = value
			start = i + 1
		}
	}
	return attributes
}
