package validation

import (
	"errors"

	"github.com/go-playground/validator/v10"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// UserRule returns the tag for a request field with the rule of a field of
// tables.User: `validate:"required,user-birthdate"`. The empty text is valid, unless
// "required" is given too.
func UserRule(attribute string) string { return "user-" + attribute }

// registerUserRules registers the rule of each field of tables.User as a tag.
func (c *Checker) registerUserRules() {
	for _, of := range tables.UserRules() {
		tag := UserRule(of.Attribute)
		c.stored[tag] = of.Rule
		if err := c.library.RegisterValidation(tag, func(level validator.FieldLevel) bool {
			return c.broken(level.Field().String(), of.Rule) == nil
		}); err != nil {
			panic(err) // it fails only for an empty tag or a missing function
		}
	}
}

// broken returns the first part of the rule that the text breaks, or nil.
func (c *Checker) broken(text, rule string) validator.FieldError {
	var broken validator.ValidationErrors
	if text == "" || !errors.As(c.library.Var(text, rule), &broken) {
		return nil
	}
	return broken[0]
}

// CheckUser returns Problems when a changed text of a user breaks the rule of its
// field. An unchanged text was stored under an earlier rule.
func (c *Checker) CheckUser(before, after *tables.User) error {
	var problems Problems
	for _, of := range tables.UserRules() {
		text := of.Text(after)
		if text == of.Text(before) {
			continue
		}
		if broken := c.broken(text, of.Rule); broken != nil {
			problems = append(problems, Problem{Field: of.Attribute, Message: c.message(of.Attribute, broken)})
		}
	}
	if problems == nil {
		return nil
	}
	return problems
}

// KeepUserText returns the text, or "" when it breaks the rule of its field of
// tables.User. It is for texts from other sources, which the user cannot correct.
func (c *Checker) KeepUserText(attribute, text string) string {
	if c.broken(text, c.stored[UserRule(attribute)]) != nil {
		return ""
	}
	return text
}
