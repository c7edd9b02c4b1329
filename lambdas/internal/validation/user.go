package validation

import (
	"errors"

	"github.com/go-playground/validator/v10"

	"github.com/expenzez/infrastructure/lambdas/tables"
)

// UserRule returns the tag by which a request has the rule of a field of
// tables.User: `validate:"required,user-birthdate"`. The empty text passes; where a
// text is needed, "required" says so.
func UserRule(attribute string) string { return "user-" + attribute }

// registerUserRules makes a tag of the rule of each field of tables.User.
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

// CheckUser returns Problems when a text that changes from one version of a user to
// the next breaks the rule of its field. A text that stays was stored under the
// rule of its day.
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

// KeepUserText returns the text, or "" when the field of tables.User cannot hold
// it. It is for texts that others say of a user, who cannot correct them.
func (c *Checker) KeepUserText(attribute, text string) string {
	if c.broken(text, c.stored[UserRule(attribute)]) != nil {
		return ""
	}
	return text
}
