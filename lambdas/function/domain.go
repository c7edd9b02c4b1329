package function

import (
	"errors"
	"fmt"
)

// Domain is a set of functions that share one binary: the main package at
// lambdas/<Name>/bootstrap. Each function still has a role of its own.
type Domain struct {
	// Name is the domain's folder under lambdas, such as "auth".
	Name string
	// Stack is the stack that the functions are part of.
	Stack     Stack
	Functions []*Function
}

// Package is the main package of the domain's binary, from the module's root.
func (d Domain) Package() string { return "./lambdas/" + d.Name + "/bootstrap" }

// BuildTags are the build tags of every domain's binary.
//
// validator_novalidatefn leaves out of the validator the rule that calls a method
// by its name. For such a call the linker keeps every exported method there is,
// the AWS SDK's clients whole.
// https://github.com/go-playground/validator/pull/1542
var BuildTags = []string{"validator_novalidatefn"}

// Validate reports everything that is wrong with the declarations of the
// domains, and every name or route that two functions claim.
func Validate(domains ...Domain) error {
	var problems []error
	owner := map[string]string{}
	claim := func(what, function string) {
		if other, taken := owner[what]; taken {
			problems = append(problems, fmt.Errorf("%s belongs to %s and to %s", what, other, function))
		}
		owner[what] = function
	}
	for _, domain := range domains {
		for _, f := range domain.Functions {
			problems = append(problems, f.Validate())
			claim("the name "+f.Name, f.Name)
			for _, route := range f.Routes {
				claim("route "+route.Key, f.Name)
			}
		}
	}
	return errors.Join(problems...)
}
