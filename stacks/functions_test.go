package stacks

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/lambdas/function"
	"github.com/expenzez/infrastructure/lambdas/secrets"
	"github.com/expenzez/infrastructure/lambdas/tables"
)

// Without this check, a declared resource that its list lacks would be a nil pointer
// during the synth.
func TestCheckResourcesExist_MissingResource_NamesItsList(t *testing.T) {
	goals := &tables.Table{Name: "Goals"}
	declared := function.Define(function.Spec[struct{}]{
		Name: "goals",
		Permissions: function.Permissions{
			Tables:   []tables.Grant{goals.Allow(tables.GetItem)},
			Keys:     []function.KeyGrant{function.Key("goals").Allow(function.Decrypt)},
			Secrets:  []*secrets.Secret{{Name: "rates"}},
			Settings: []function.Setting{"goals-limit"},
		},
	})
	err := (&wiring{core: &core{}}).checkResourcesExist(declared)
	if err == nil {
		t.Fatal("nothing is missing")
	}
	for _, want := range []string{
		`function "goals": table Goals is not built: add it to tables.All`,
		`key goals is not built: add it to newFunctionKeys in stacks/core.go`,
		`secret rates is not built: add it to secrets.All`,
		`setting goals-limit is not built: add it to settings in stacks/functions.go`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not said in:\n%v", want, err)
		}
	}
}
