package stacks

import "github.com/expenzez/infrastructure/constructs"

// EdgeExclusions returns the rules of managed groups that only count in the web ACL in
// front of the API, because they would refuse honest requests. They are the
// CountedManagedRules of that web ACL. local/webacl/crs/testdata has the texts that
// must pass and the attacks that must not.
func EdgeExclusions() map[constructs.ManagedRuleGroup][]string {
	return map[constructs.ManagedRuleGroup][]string{
		// The rule finds patterns such as "; select" and quotes before a semicolon. Names
		// of merchants and passwords have them too. No function builds SQL, and SQLi_BODY,
		// which parses SQL, still blocks.
		constructs.SQLInjection: {"SQLiExtendedPatterns_BODY"},
	}
}
