package policy

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
	"github.com/expenzez/infrastructure/constructs/plaintext"
)

var plaintextSecret = Rule{
	ID:    PlaintextSecret,
	Title: "No template contains a secret in plaintext",
	Why:   "Every principal that may read templates or function configurations reads the secret, and it stays in their history.",
	Fix:   "put the value into Secrets Manager (constructs.NewAppSecret), pass the secret's name, and replace the exposed value.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
				r := s.Resources[id]
				variables, reported := environment(r), map[string]bool{}
				for _, name := range slices.Sorted(maps.Keys(variables)) {
					text, secret := plaintextValue(s, variables[name])
					what, found := plaintext.InVariable(name, text)
					if found || secret != "" {
						i.report(s, id, "the environment variable %s holds %s", name, cmp.Or(secret, what))
						reported[text] = true
					}
				}
				walk(r.Properties, func(value any) {
					literal, _ := value.(string)
					if what, found := plaintext.Known(literal); found && !reported[literal] {
						i.report(s, id, "a property holds %s", what)
					}
				})
			}
		}
	},
}

// environment returns the environment variables of the resources that have any.
func environment(r assembly.Resource) map[string]any {
	variables, _ := at(r.Properties, "Environment", "Variables").(map[string]any)
	found := maps.Clone(variables)
	if found == nil {
		found = map[string]any{}
	}
	add := func(pairs any) {
		for _, pair := range list(pairs) {
			if name, ok := at(pair, "Name").(string); ok && (at(pair, "Type") == nil || at(pair, "Type") == "PLAINTEXT") {
				found[name] = at(pair, "Value")
			}
		}
	}
	switch r.Type {
	case "AWS::ECS::TaskDefinition":
		for _, container := range list(r.Properties["ContainerDefinitions"]) {
			add(at(container, "Environment"))
		}
	case "AWS::CodeBuild::Project":
		add(at(r.Properties, "Environment", "EnvironmentVariables"))
	}
	return found
}

// plaintextValue returns a variable's value as in the template, with plaintext.Reference
// in place of each value that is known only at deployment. If CloudFormation replaces a
// reference by a secret, plaintextValue also returns the kind of secret.
func plaintextValue(s *assembly.Stack, value any) (text, secret string) {
	if literal, ok := value.(string); ok {
		return literal, ""
	}
	var b strings.Builder
	for _, part := range s.Parts(value) {
		if part.Stack != nil {
			b.WriteString(plaintext.Reference)
			if plaintext.IsSecretAttribute(part.Attribute) {
				secret = "the " + part.Attribute + " of " + part.ID
			}
			continue
		}
		if hidden := noEchoParameter(s, part.Text); hidden != "" {
			secret = "the parameter " + hidden + ", which is NoEcho"
		}
		b.WriteString(parameterReference.ReplaceAllString(part.Text, plaintext.Reference))
	}
	return b.String(), secret
}

// parameterReference matches a reference to a parameter, such as ${Name}.
var parameterReference = regexp.MustCompile(`\$\{[^}]*\}`)

// noEchoParameter returns the NoEcho parameter of the stack that a text refers to, or
// "". CloudFormation hides its value, but a function's configuration would show it.
func noEchoParameter(s *assembly.Stack, text string) string {
	parameters, _ := s.Template["Parameters"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if isTrue(at(parameters[name], "NoEcho")) && strings.Contains(text, "${"+name+"}") {
			return name
		}
	}
	return ""
}
