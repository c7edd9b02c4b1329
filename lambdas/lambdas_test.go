package lambdas_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

func TestEveryDeclarationIsValid(t *testing.T) {
	if err := function.Validate(lambdas.Domains()...); err != nil {
		t.Error(err)
	}
}

// A service that asks for something its declaration does not allow would fail
// at cold start; this finds it without a deployment.
func TestEveryFunctionStartsWithWhatItDeclares(t *testing.T) {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			env := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) {
				return name, slices.Contains(f.Variables(), name)
			})
			if _, err := f.Bind(env); err != nil {
				t.Error(err)
			}
		}
	}
}
