package function

import (
	"errors"
	"fmt"
)

// Domain is a set of functions that share one binary: the main package at
// lambdas/<Name>/bootstrap. Each function still has a role of its own.
type Domain struct {
	// Name is the domain's folder under lambdas, such as "auth".
	Name      string
	Functions []*Function
}

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
