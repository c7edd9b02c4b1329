package assembly

import "strings"

// exact holds the functions that have the same result in every deployment.
var exact = map[string]bool{
	"Ref": true, "Fn::GetAtt": true, "Fn::Join": true, "Fn::Sub": true,
	"Fn::ImportValue": true, "Fn::GetStackOutput": true, "Fn::FindInMap": true,
}

// Literal returns a template's value in which each function is replaced by its
// text, where the text is known. Known texts are parameters that a parent stack or
// a default gives, entries of a mapping, and outputs of another stack. A check that
// looks for "0.0.0.0/0" then finds it wherever it is written. The given value does
// not change.
func (s *Stack) Literal(value any) any {
	switch v := value.(type) {
	case []any:
		replaced := make([]any, len(v))
		for i, element := range v {
			replaced[i] = s.Literal(element)
		}
		return replaced
	case map[string]any:
		if text, known := s.literal(v); known {
			return text
		}
		replaced := make(map[string]any, len(v))
		for key, element := range v {
			replaced[key] = s.Literal(element)
		}
		return replaced
	}
	return value
}

func (s *Stack) literal(function map[string]any) (string, bool) {
	if len(function) != 1 || !isExact(function) {
		return "", false
	}
	parts := s.Parts(function)
	for _, p := range parts {
		if p.Stack != nil || strings.Contains(p.Text, "${") {
			return "", false
		}
	}
	return Text(parts), len(parts) > 0
}

// isExact reports whether a value is a function with one result.
func isExact(value any) bool {
	function, _ := value.(map[string]any)
	for name, argument := range function {
		if !exact[name] || !hasExactOnly(argument) {
			return false
		}
	}
	return len(function) == 1
}

// hasExactOnly reports whether all functions in an argument have one result.
func hasExactOnly(argument any) bool {
	switch v := argument.(type) {
	case []any:
		for _, element := range v {
			if !hasExactOnly(element) {
				return false
			}
		}
	case map[string]any:
		for name, element := range v {
			if strings.HasPrefix(name, "Fn::") && !exact[name] || !hasExactOnly(element) {
				return false
			}
		}
	}
	return true
}
