package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/expenzez/infrastructure/constructs/assembly"
)

var plaintextSecret = Rule{
	ID:    PlaintextSecret,
	Title: "No secret stands in plain sight in a template",
	Why:   "Whoever may read a template or a function's configuration reads it, and it stays in their history.",
	Fix:   "put the value into Secrets Manager (constructs.NewAppSecret), pass the secret's name, and replace the value that was exposed.",
	check: func(i *inspection) {
		for _, s := range i.Stacks {
			for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
				r := s.Resources[id]
				variables := environment(r)
				for _, name := range slices.Sorted(maps.Keys(variables)) {
					if namesSecret(name) && isPlain(variables[name]) {
						i.report(s, id, "the environment variable %s holds its value in plain sight", name)
					}
				}
				walk(r.Properties, func(value any) {
					if literal, ok := value.(string); ok && looksLikeKey.MatchString(literal) {
						i.report(s, id, "a property holds what looks like a key (%.4s…)", looksLikeKey.FindString(literal))
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

var (
	secretWord = regexp.MustCompile(`(?i)(^|_)(secret|password|passwd|passphrase|token|api_?key|private_?key|credential)s?(_|$)`)
	// What says something about a secret and is none.
	aboutSecret = regexp.MustCompile(`(?i)_(arn|name|id|url|path|prefix|header|table|ttl|length|seconds|minutes|hours|days)$`)
	// Keys by the marks that their issuers give them: AWS, PEM, Stripe, OpenAI,
	// GitHub, Slack, Google, and signed tokens.
	looksLikeKey = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY|\b[sr]k_(live|test)_\w{16,}|\bsk-[\w-]{20,}|` +
		`\bgh[pousr]_\w{36,}|\bxox[abprs]-[\w-]{10,}|\bAIza[\w-]{35}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.`)
)

func namesSecret(variable string) bool {
	return secretWord.MatchString(variable) && !aboutSecret.MatchString(variable)
}

// isPlain reports whether the value is readable where the variable is: a
// literal, or a dynamic reference, which CloudFormation replaces by the secret.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func isPlain(value any) bool {
	literal, ok := value.(string)
	return ok && literal != "" && !strings.HasPrefix(literal, "arn:") || strings.Contains(text(value), "{{resolve:s")
}
