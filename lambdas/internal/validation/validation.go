package validation

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/expenzez/infrastructure/lambdas/money"
)

// maxProblems is how many problems of a request are returned. Only lists have more,
// and each of their entries may have the same problem.
const maxProblems = 10

// Problems are the fields of a request that break a rule, the first ten.
type Problems []Problem

// Problem is one field that breaks a rule.
type Problem struct {
	// Field is the name of the field in the body, or of the parameter.
	Field string
	// Message describes the problem for the user.
	Message string
}

// Error returns every message.
func (p Problems) Error() string {
	messages := make([]string, len(p))
	for i, problem := range p {
		messages[i] = problem.Message
	}
	return strings.Join(messages, " ")
}

// Fields returns the names of the invalid fields, comma-separated.
func (p Problems) Fields() string {
	names := make([]string, len(p))
	for i, problem := range p {
		names[i] = problem.Field
	}
	return strings.Join(names, ", ")
}

// Checker checks requests. It is safe for concurrent use.
type Checker struct {
	library *validator.Validate
	// stored are the rules of the fields of a tables.User, by tag.
	stored map[string]string
}

// New returns the checker with the library's rules and the project's rules. All
// callers share it.
var New = sync.OnceValue(newChecker)

func newChecker() *Checker {
	library := validator.New(validator.WithRequiredStructEnabled())
	library.RegisterTagNameFunc(nameOf)
	library.RegisterCustomTypeFunc(comparable, money.Amount{})
	for tag, rule := range rules {
		// It fails only for an empty tag or a missing function.
		if err := library.RegisterValidation(tag, func(level validator.FieldLevel) bool {
			return rule(level.Field().String())
		}); err != nil {
			panic(err)
		}
	}
	c := &Checker{library: library, stored: map[string]string{}}
	c.registerUserRules()
	return c
}

// comparable returns the number that the rules of numbers use for an amount. A
// float64 is exact enough to compare a client's amount with a bound: both are far
// below 10^13 pounds, up to which it holds pence.
func comparable(field reflect.Value) any {
	return field.Interface().(money.Amount).Decimal().InexactFloat64()
}

// nameOf returns the client's name of a field: its name in the body, or the name of
// its parameter in the path or the query.
func nameOf(field reflect.StructField) string {
	if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
		return name
	}
	return cmp.Or(field.Tag.Get("path"), field.Tag.Get("query"))
}

// Check returns Problems when the request breaks a rule. A request that is not
// a struct has no rules.
func (c *Checker) Check(request any) error {
	err := c.library.Struct(request)
	var invalid *validator.InvalidValidationError
	if err == nil || errors.As(err, &invalid) {
		return nil
	}
	var broken validator.ValidationErrors
	if !errors.As(err, &broken) {
		return err
	}
	broken = broken[:min(len(broken), maxProblems)]
	problems := make(Problems, len(broken))
	for i, field := range broken {
		problems[i] = Problem{Field: field.Field(), Message: c.message(field.Field(), field)}
	}
	return problems
}

// message returns the message for an invalid field.
func (c *Checker) message(of string, field validator.FieldError) string {
	if rule, is := c.stored[field.Tag()]; is {
		text, _ := field.Value().(string)
		field = c.broken(text, rule)
	}
	name := label(of)
	switch field.Tag() {
	case "required", "required_without":
		return fmt.Sprintf("Please enter the %s.", name)
	case "min":
		return bound(name, field, "The %s needs at least %s %s.", "The %s must be at least %s.")
	case "max":
		return bound(name, field, "The %s may have at most %s %s.", "The %s may be at most %s.")
	case "len":
		return fmt.Sprintf("The %s needs exactly %s characters.", name, field.Param())
	case "pin":
		return "A PIN is five digits."
	case "adult":
		return "You must be at least 18 years old."
	case "username":
		return "The username needs 3 to 30 letters, digits, dots, hyphens or underscores."
	default:
		return fmt.Sprintf("The %s is not valid.", name)
	}
}

// bound returns the message for a bound on a size or a number.
func bound(name string, field validator.FieldError, ofSize, ofNumber string) string {
	switch field.Kind() {
	case reflect.String:
		return fmt.Sprintf(ofSize, name, field.Param(), "characters")
	case reflect.Map, reflect.Slice:
		return fmt.Sprintf(ofSize, name, field.Param(), "entries")
	default:
		return fmt.Sprintf(ofNumber, name, field.Param())
	}
}

// label returns a JSON name as words: "given_name" and "givenName" become "given
// name".
func label(name string) string {
	var words strings.Builder
	for _, r := range name {
		switch {
		case r == '_':
			words.WriteByte(' ')
		case unicode.IsUpper(r):
			words.WriteByte(' ')
			words.WriteRune(unicode.ToLower(r))
		default:
			words.WriteRune(r)
		}
	}
	return words.String()
}
