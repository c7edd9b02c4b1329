package cdk_test

import (
	"strings"
	"testing"
)

func TestTheUserPoolOfAStageThatIsReachedFromOutsideHasAFirewall(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		var protected int
		for _, association := range s.ofType("AWS::WAFv2::WebACLAssociation") {
			if strings.Contains(text(association.Properties["ResourceArn"]), "UserPool") {
				protected++
			}
		}
		if want := map[bool]int{true: 1}[s.config.Firewall.UserPool]; protected != want {
			t.Errorf("%d web ACLs before the user pool, not %d", protected, want)
		}
	})
}
