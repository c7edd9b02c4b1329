package cdk_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// contextKey is the prefix of condition keys that name an entry of an encryption
// context.
const contextKey = "kms:EncryptionContext:"

func TestFieldKeyGrants_NameTableOfDataKeys(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		want := map[string]bool{}
		for _, grant := range f.Permissions.Keys {
			for _, operation := range grant.Operations {
				if grant.Table != nil {
					want[fmt.Sprintf("kms:%s for %s", operation, grant.Table.Name)] = true
				}
			}
		}
		got := map[string]bool{}
		for _, statement := range s.statements(built) {
			for _, action := range actionsOf(statement) {
				if table, named := equals(statement)[contextKey+tables.DataKeyContext]; named {
					got[fmt.Sprintf("%s for %s", action, table)] = true
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s may\n%v, declared are\n%v", f.Name, got, want)
		}
	})
}

// A data key, a secret and an alert each have an encryption context. A permission to
// decrypt without a context covers everything that the key encrypted.
func TestDecryptGrants_NameEncryptionContext(t *testing.T) {
	eachFunction(t, func(t *testing.T, s stage, f *function.Function, built resource) {
		for _, statement := range s.statements(built) {
			for _, action := range actionsOf(statement) {
				if !strings.HasPrefix(action, "kms:") || action == "kms:GenerateMac" {
					continue
				}
				names := slices.Collect(maps.Keys(equals(statement)))
				if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, contextKey) }) {
					t.Errorf("%s may %s in every encryption context: %s", f.Name, action, text(statement))
				}
			}
		}
	})
}

// equals returns the StringEquals conditions of a statement.
func equals(statement map[string]any) map[string]any {
	conditions, _ := statement["Condition"].(map[string]any)
	equal, _ := conditions["StringEquals"].(map[string]any)
	return equal
}
