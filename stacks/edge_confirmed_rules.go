package stacks

import "github.com/expenzez/infrastructure/constructs"

// edgeConfirmedRules returns the managed rules that block a body only where it also has
// the shape of an attack. They are the ConfirmedManagedRules of the web ACL in front of
// the API. docs/edge.md has the reasons, local/webacl/sampletexts the texts that must
// pass and the attacks that must not.
func edgeConfirmedRules() []constructs.ConfirmedRules {
	return []constructs.ConfirmedRules{{
		Group: constructs.SQLInjection,
		Rules: []string{"SQLi_BODY", "SQLiExtendedPatterns_BODY"},
		// A quote or bracket ends the string that the text is in, and SQL follows.
		BodyPatterns: []string{
			`['")]\W*;\W*(?:drop|truncate|alter|create)\W+(?:table|database|user)s?\W`,
			`['")\d][\s+*/]+union[\s+*/]+(?:all[\s+*/]+)?select\W`,
			`['")][\s+*/]*(?:or|and|\|\||&&)[\s+*/'"(]*(?:\d+|[a-z])?['")]*\s*(?:=|<|>|like\W)`,
			`\W(?:or|and)[\s+*/]*\([\s+*/]*select\W`,
			`\W(?:sleep|benchmark|pg_sleep|extractvalue|load_file)\s*\(|\Wwaitfor[\s+*/]+delay\W`,
			`xp_cmdshell|information_schema`,
			`['"]\W*;\W*(?:insert\W+into\W|update\W+\w+\W+set\W+\w+\W*=|delete\W+from\W+\w+\W+where\W)`,
		},
	}}
}
