package constructs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// PropsError reports that a construct was given props it cannot be built from.
// It is the value of the panic, so a caller that wants an error recovers it:
//
//	defer func() {
//		if err, ok := recover().(*constructs.PropsError); ok { … }
//	}()
type PropsError struct {
	// Construct is the construct's type, for example "SecureTable".
	Construct string
	// Path is the construct's path in the tree, for example "core/Users". It is
	// empty for an app, and for a function without a construct, such as a grant on a nil
	// resource.
	Path string
	// Problems holds all problems, in the order of the props.
	Problems []Problem
}

// Problem is one problem of one prop.
type Problem struct {
	// Prop is the prop's name, with an index or key if the prop has several values,
	// for example "Indexes[1].Name".
	Prop string
	// Message says what is wrong and what to do.
	Message string
}

// Error returns the problems, one on each line.
func (e *PropsError) Error() string {
	var b strings.Builder
	b.WriteString(e.Construct)
	if e.Path != "" {
		fmt.Fprintf(&b, " %q", e.Path)
	}
	b.WriteString(": invalid props")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Prop, p.Message)
	}
	return b.String()
}

// problems collects the problems of props, so that they are all reported at once.
// The zero value is ready to use.
type problems []Problem

// tokenMessage matches a message about a value that holds a CDK token.
var tokenMessage = regexp.MustCompile(`^is "[^"]*\$\{Token\[`)

// require records a problem of prop unless ok is true.
func (p *problems) require(ok bool, prop, format string, args ...any) {
	if ok {
		return
	}
	message := fmt.Sprintf(format, args...)
	if tokenMessage.MatchString(message) {
		message += "; the value of a CDK token is known only at deployment, so write literal text"
	}
	*p = append(*p, Problem{Prop: prop, Message: message})
}

// addWithPrefix adds the problems of nested props under the name of the prop that
// holds them.
func (p *problems) addWithPrefix(prop string, found problems) {
	for _, f := range found {
		*p = append(*p, Problem{Prop: prop + "." + f.Prop, Message: f.Message})
	}
}

// panicIfAny panics if any problem was recorded for the construct with id in scope.
// Methods of a construct pass the construct itself and an empty id.
func (p problems) panicIfAny(construct string, scope constructs.IConstruct, id string) {
	if len(p) == 0 {
		return
	}
	path := id
	if scope == nil {
		p.require(false, "scope", "is missing; give a stack, or a construct in one")
	} else {
		path = strings.Trim(*scope.Node().Path()+"/"+id, "/")
	}
	panic(&PropsError{Construct: construct, Path: path, Problems: p})
}

// requireNotNil panics if a parameter of a function is nil.
func requireNotNil(function, parameter string, value any) {
	if value == nil {
		panic(&PropsError{Construct: function, Problems: problems{{parameter, "is nil; give the resource itself"}}})
	}
}

// valueOrZero returns what the pointer points to, or the zero value for nil.
func valueOrZero[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}

// orDefault returns value, or fallback if value is the zero value.
func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

// oneOf reports whether value is among allowed.
func oneOf[T comparable](value T, allowed ...T) bool {
	for _, a := range allowed {
		if value == a {
			return true
		}
	}
	return false
}

// runCheck returns the findings of a check at synthesis. It recovers from panics,
// because a panic would leave jsii's Node process blocked in the callback.
func runCheck(what string, check func() []string) (sentences *[]*string) {
	defer func() {
		if reason := recover(); reason != nil {
			sentences = jsii.Strings(fmt.Sprintf("cannot be checked for %s: %v", what, reason))
		}
	}()
	return jsii.Strings(check()...)
}
