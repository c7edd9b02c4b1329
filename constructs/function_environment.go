package constructs

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/expenzez/infrastructure/constructs/plaintext"
)

var (
	environmentNamePattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)
	// Names Lambda sets itself.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
	reservedNames = []string{"_HANDLER", "_X_AMZN_TRACE_ID", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"}
	// cdkTokenPattern matches the CDK tokens in a text.
	cdkTokenPattern = regexp.MustCompile(`\$\{Token\[[^\]]*\]\}`)
)

// secretAdvice says what to do with a secret in a variable.
const secretAdvice = "put the value into an AppSecret and pass the secret's name or ARN, in a variable whose name ends in _NAME or _ARN"

// checkEnvironment records variables that Lambda would refuse, and secrets in
// literal text. Every principal that may read a function's configuration can read
// its environment. environmentGuard checks the values of references.
func checkEnvironment(environment map[string]string, bad *problems) {
	size := 0
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		value := environment[name]
		size += len(name) + len(value)
		prop := fmt.Sprintf("Environment[%q]", name)
		if oneOf(name, reservedNames...) || strings.HasPrefix(name, "AWS_") {
			bad.require(false, prop, "is a name that belongs to Lambda; choose another")
			continue
		}
		bad.require(environmentNamePattern.MatchString(name), prop, "is not a name; start with a letter, go on with letters, digits and _")
		what, found := plaintext.InVariable(name, cdkTokenPattern.ReplaceAllString(value, plaintext.Reference))
		bad.require(!found, prop, "holds %s; %s", what, secretAdvice)
	}
	bad.require(size <= maxEnvironmentBytes, "Environment", "has %d bytes; Lambda allows %d", size, maxEnvironmentBytes)
}

// environmentGuard checks the environment again at synthesis. Only then is it known
// which references resolve to secrets, and which variables were added to the
// function later.
type environmentGuard struct{ function awslambda.CfnFunction }

func guardEnvironment(function awslambda.Function) {
	guard := &environmentGuard{}
	jsii.UnsafeCast(function.Node().DefaultChild(), &guard.function)
	function.Node().AddValidation(guard)
}

// Validate implements CDK's IValidation.
func (g *environmentGuard) Validate() *[]*string {
	return runCheck("secrets in its environment", g.check)
}

func (g *environmentGuard) check() []string {
	resolved, _ := awscdk.Stack_Of(g.function).Resolve(g.function.Environment()).(map[string]any)
	variables, _ := resolved["variables"].(map[string]any)
	var found []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		value, secret := templateText(variables[name])
		what, known := plaintext.InVariable(name, value)
		if secret {
			what = "an attribute that is a secret"
		}
		if known || secret {
			found = append(found, fmt.Sprintf("Environment[%q] holds %s; %s", name, what, secretAdvice))
		}
	}
	return found
}

// templateText returns a value as the template has it, with plaintext.Reference for
// each function in it. It also reports whether one of the functions returns a
// secret attribute.
func templateText(value any) (text string, secret bool) {
	switch v := value.(type) {
	case string:
		return v, false
	case map[string]any:
		if join, ok := v["Fn::Join"].([]any); ok && len(join) == 2 {
			pieces, _ := join[1].([]any)
			separator, _ := join[0].(string)
			texts := make([]string, len(pieces))
			for i, piece := range pieces {
				inner, isSecret := templateText(piece)
				texts[i], secret = inner, secret || isSecret
			}
			return strings.Join(texts, separator), secret
		}
		if attribute, ok := v["Fn::GetAtt"].([]any); ok && len(attribute) == 2 {
			name, _ := attribute[1].(string)
			return plaintext.Reference, plaintext.IsSecretAttribute(name)
		}
	}
	return plaintext.Reference, false
}
