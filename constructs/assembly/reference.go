package assembly

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Part is one piece of a value: literal text, or a reference to a resource.
type Part struct {
	// Text is the literal text, empty for a reference.
	Text string
	// Stack is the stack of the resource, nil for text.
	Stack *Stack
	// ID is the logical id of the resource.
	ID string
	// Attribute is the resource's attribute, empty for Ref.
	Attribute string
}

// maxDepth limits how many functions and stacks a reference is followed through. It
// stops at templates that refer to themselves, which CloudFormation refuses.
const maxDepth = 100

// Parts returns the pieces of a template's value in order. It follows a reference
// to the resource or text at its end, through parameters and outputs of nested
// stacks, exports, and outputs read at deployment. If a function chooses among
// values, Parts returns the pieces of all of them. Values known only at deployment
// stay as text, such as "${AWS::Partition}".
func (s *Stack) Parts(value any) []Part { return s.parts(value, maxDepth) }

// Text joins the pieces to one text. Two references to one resource give equal
// texts, however they are written.
func Text(parts []Part) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Stack == nil {
			b.WriteString(p.Text)
			continue
		}
		fmt.Fprintf(&b, "${%s/%s.%s}", p.Stack.Path, p.ID, cmp.Or(p.Attribute, "Ref"))
	}
	return b.String()
}

// Target returns the stack and the logical id of the one resource that a value
// refers to. The stack is nil if the value refers to no resource or to several.
func (s *Stack) Target(value any) (*Stack, string) {
	parts := s.Parts(value)
	if len(parts) != 1 {
		return nil, ""
	}
	return parts[0].Stack, parts[0].ID
}

func text(s string) []Part { return []Part{{Text: s}} }

// unknown returns a placeholder for a value known only at deployment. It contains
// no slash, because a slash would look like a separator in an ARN.
func unknown(name string) []Part { return text("${" + strings.ReplaceAll(name, "/", ":") + "}") }

func (s *Stack) parts(value any, depth int) []Part {
	if depth == 0 {
		return unknown("…")
	}
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return text(v)
	case []any:
		return s.all(v, depth)
	case map[string]any:
		if len(v) == 1 {
			for function, argument := range v {
				if pieces := functions[function]; pieces != nil {
					return pieces(s, argument, depth-1)
				}
			}
		}
		var children []any
		for _, key := range slices.Sorted(maps.Keys(v)) {
			children = append(children, v[key])
		}
		return s.all(children, depth)
	}
	return text(fmt.Sprint(value))
}

func (s *Stack) all(values []any, depth int) []Part {
	var found []Part
	for _, value := range values {
		found = append(found, s.parts(value, depth-1)...)
	}
	return found
}

// functions holds CloudFormation's functions. For a missing function, such as
// Fn::Select or Fn::Split, all arguments are returned.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
var functions map[string]func(s *Stack, argument any, depth int) []Part

func init() { // an initializer would refer to itself
	functions = map[string]func(*Stack, any, int) []Part{
		"Ref":                (*Stack).ref,
		"Fn::GetAtt":         (*Stack).attribute,
		"Fn::Join":           (*Stack).join,
		"Fn::Sub":            (*Stack).sub,
		"Fn::ImportValue":    (*Stack).imported,
		"Fn::GetStackOutput": (*Stack).stackOutput,
		"Fn::FindInMap":      (*Stack).mapped,
		"Fn::If": func(s *Stack, argument any, depth int) []Part { // both branches
			list, _ := argument.([]any)
			return s.all(list[min(1, len(list)):], depth)
		},
	}
}

func (s *Stack) ref(argument any, depth int) []Part {
	name := fmt.Sprint(argument)
	if _, ok := s.Resources[name]; ok {
		return []Part{{Stack: s, ID: name}}
	}
	if s.parent != nil {
		given, ok := at(s.parent.Resources[s.id].Properties, "Parameters", name)
		if ok {
			return s.parent.parts(given, depth)
		}
	}
	if assumed, ok := at(s.Template, "Parameters", name, "Default"); ok {
		return s.parts(assumed, depth)
	}
	if value := s.pseudo(name); value != "" {
		return text(value)
	}
	return unknown(name)
}

// pseudo returns the value of a pseudo parameter that is known at synthesis, or "".
func (s *Stack) pseudo(name string) string {
	switch name {
	case "AWS::AccountId":
		return s.Account()
	case "AWS::Region":
		return s.Region()
	case "AWS::StackName":
		return s.Name
	}
	return ""
}

// Account returns the account of the stack, or "" if it is known only at
// deployment.
func (s *Stack) Account() string {
	account, _ := s.environment()
	return account
}

// Region returns the region of the stack, or "" if it is known only at deployment.
func (s *Stack) Region() string {
	_, region := s.environment()
	return region
}

func (s *Stack) environment() (account, region string) {
	account, region, _ = strings.Cut(strings.TrimPrefix(s.Environment, "aws://"), "/")
	return known(account), known(region)
}

func known(s string) string {
	if strings.HasPrefix(s, "unknown-") {
		return ""
	}
	return s
}

func (s *Stack) attribute(argument any, depth int) []Part {
	var id, name string
	switch v := argument.(type) {
	case string:
		id, name, _ = strings.Cut(v, ".")
	case []any:
		if len(v) == 2 {
			id, name = fmt.Sprint(v[0]), Text(s.parts(v[1], depth))
		}
	}
	if nested, output := s.children[id], strings.TrimPrefix(name, "Outputs."); nested != nil && output != name {
		value, _ := at(nested.Template, "Outputs", output, "Value")
		return nested.parts(value, depth)
	}
	if s.Resources[id].Type == exportReaderType {
		if found := s.assembly.output(s, outputKey{"export", name}, depth); found != nil {
			return found
		}
	}
	return []Part{{Stack: s, ID: id, Attribute: name}}
}

func (s *Stack) join(argument any, depth int) []Part {
	list, _ := argument.([]any)
	if len(list) != 2 {
		return s.all(list, depth)
	}
	pieces, ok := list[1].([]any)
	if !ok {
		return s.parts(list[1], depth)
	}
	var found []Part
	for i, piece := range pieces {
		if i > 0 && list[0] != "" {
			found = append(found, Part{Text: fmt.Sprint(list[0])})
		}
		found = append(found, s.parts(piece, depth)...)
	}
	return found
}

var placeholder = regexp.MustCompile(`\$\{([^!{}][^{}]*)\}`)

func (s *Stack) sub(argument any, depth int) []Part {
	var variables map[string]any
	if list, ok := argument.([]any); ok && len(list) == 2 {
		argument = list[0]
		variables, _ = list[1].(map[string]any)
	}
	written, _ := argument.(string)
	var found []Part
	end := 0
	for _, m := range placeholder.FindAllStringSubmatchIndex(written, -1) {
		if m[0] > end {
			found = append(found, Part{Text: written[end:m[0]]})
		}
		end = m[1]
		name := strings.TrimSpace(written[m[2]:m[3]])
		switch value, given := variables[name]; {
		case given:
			found = append(found, s.parts(value, depth)...)
		case strings.Contains(name, "."):
			found = append(found, s.attribute(name, depth)...)
		default:
			found = append(found, s.ref(name, depth)...)
		}
	}
	if end < len(written) {
		found = append(found, Part{Text: written[end:]})
	}
	return found
}

func (s *Stack) mapped(argument any, depth int) []Part {
	list, _ := argument.([]any)
	value, _ := at(s.Template, "Mappings")
	for _, key := range list[:min(3, len(list))] {
		literal := Text(s.parts(key, depth))
		if inner, ok := at(value, literal); ok {
			value = inner
		}
	}
	return s.parts(value, depth)
}

// at follows keys into decoded JSON and reports whether it found a value.
func at(value any, keys ...string) (any, bool) {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		inner, ok := object[key]
		if !ok {
			return nil, false
		}
		value = inner
	}
	return value, true
}
