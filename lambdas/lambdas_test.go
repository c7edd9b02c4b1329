package lambdas_test

import (
	"io"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/internal/lambdaruntime"
)

func TestDeclarations_AreValid(t *testing.T) {
	if err := function.Validate(lambdas.Domains()...); err != nil {
		t.Error(err)
	}
}

// A service that asks for something its declaration does not allow, and a rule of a
// request that cannot work, would fail at cold start: this finds both without a
// deployment.
func TestNewHandler_EveryFunction_StartsWithWhatItDeclares(t *testing.T) {
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			resources := function.NewResources(aws.Config{Region: "eu-west-2"}, func(name string) (string, bool) {
				if setting, is := numbers[name]; is {
					return setting, true
				}
				return name, slices.Contains(f.Variables(), name)
			})
			if _, err := lambdaruntime.NewHandler(f, resources, lambdaruntime.NewTelemetry(io.Discard, f.Name, "INFO", nil)); err != nil {
				t.Error(err)
			}
		}
	}
}

// numbers are settings with numbers: how much each address and the stage may spend.
var numbers = map[string]string{
	function.Registrations.Setting().Variable(): "5 1000",
	function.Emails.Setting().Variable():        "5 1000",
	function.Disclosures.Setting().Variable():   "5 1000",
	function.AI.Variable():                      "on gpt-4.1-mini on 20",
}
