package cdk_test

import (
	"strings"
	"testing"
)

func TestUserPool_ConfiguredWAF_HasWebACL(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		var protected int
		for _, association := range s.ofType("AWS::WAFv2::WebACLAssociation") {
			if strings.Contains(text(association.Properties["ResourceArn"]), "UserPool") {
				protected++
			}
		}
		if want := map[bool]int{true: 1}[s.config.WAF.UserPool]; protected != want {
			t.Errorf("%d web ACLs before the user pool, not %d", protected, want)
		}
	})
}

func TestUserPool_ThreatProtection_BlocksCompromisedPasswords(t *testing.T) {
	eachStage(t, func(t *testing.T, s stage) {
		plan, mode, refusing := "ESSENTIALS", `"AdvancedSecurityMode":"OFF"`, 0
		if s.config.ThreatProtection {
			plan, mode, refusing = "PLUS", `"AdvancedSecurityMode":"ENFORCED"`, 1
		}
		for _, pool := range s.ofType("AWS::Cognito::UserPool") {
			if got := pool.Properties["UserPoolTier"]; got != plan || !strings.Contains(text(pool.Properties["UserPoolAddOns"]), mode) {
				t.Errorf("plan %v with %v", got, pool.Properties["UserPoolAddOns"])
			}
		}
		risks := s.ofType("AWS::Cognito::UserPoolRiskConfigurationAttachment")
		if len(risks) != refusing {
			t.Fatalf("%d risk configurations, not %d", len(risks), refusing)
		}
		for _, risk := range risks {
			if got := text(risk.Properties["CompromisedCredentialsRiskConfiguration"]); !strings.Contains(got, `"EventAction":"BLOCK"`) {
				t.Errorf("known passwords are not refused: %s", got)
			}
			takeover, _ := risk.Properties["AccountTakeoverRiskConfiguration"].(map[string]any)
			want := `{"HighAction":{"EventAction":"NO_ACTION","Notify":false},"LowAction":{"EventAction":"NO_ACTION","Notify":false},"MediumAction":{"EventAction":"NO_ACTION","Notify":false}}`
			if got := text(takeover["Actions"]); got != want {
				t.Errorf("sign-ins with a risk of account takeover meet %s", got)
			}
		}
	})
}
