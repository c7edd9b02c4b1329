package e2e_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
	"github.com/expenzez/infrastructure/lambdas/function"
)

// ledger checks least privilege from both sides: nothing that a function did was
// denied, and nothing that it may do went unused.
func ledger(t *testing.T) {
	decisions, err := stage.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load("local")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, decision := range decisions {
		if decision.Decision != "allowed" {
			t.Errorf("denied: %s may not %s on %s (%s)", decision.Principal, decision.Action, decision.Resource, decision.Reason)
		}
		// A function's session bears the function's name.
		name := decision.Principal[strings.LastIndex(decision.Principal, "/")+1:]
		used[name+" "+decision.Action] = true
	}
	for _, domain := range lambdas.Domains() {
		for _, f := range domain.Functions {
			for _, action := range actions(f.Rights) {
				if !used[cfg.PhysicalName(f.Name)+" "+action] {
					t.Errorf("unused: %s is granted %s and never called it", f.Name, action)
				}
			}
		}
	}
}

func actions(rights function.Rights) []string {
	var all []string
	for _, grant := range rights.Tables {
		for _, operation := range grant.Operations {
			all = append(all, "dynamodb:"+string(operation))
		}
	}
	for _, grant := range rights.Keys {
		for _, operation := range grant.Operations {
			all = append(all, "kms:"+string(operation))
		}
	}
	for _, operation := range rights.UserPool {
		all = append(all, "cognito-idp:"+string(operation))
	}
	return all
}
