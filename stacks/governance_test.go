package stacks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/constructs"
	"github.com/expenzez/infrastructure/policy"
)

// What a synth claims, the account must keep. So each rule has a rule of AWS Config or a reason without.
func TestConfigRules_EachRuleOfPolicy_HasRuleOrReason(t *testing.T) {
	known := map[string]bool{}
	for _, rule := range policy.Rules() {
		known[rule.ID] = true
		if has, excused := len(configRules[rule.ID]) > 0, withoutConfigRule[rule.ID] != ""; has == excused {
			t.Errorf("%s: a rule of AWS Config: %v, a reason without: %v", rule.ID, has, excused)
		}
	}
	for id := range configRules {
		if !known[id] {
			t.Errorf("configRules has %s, which is no rule of package policy", id)
		}
	}
	for id := range withoutConfigRule {
		if !known[id] {
			t.Errorf("withoutConfigRule has %s, which is no rule of package policy", id)
		}
	}
}

func TestConfigRules_Page_ListsEach(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "docs", "governance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range policy.Rules() {
		row := "| `" + rule.ID + "` | " + withoutConfigRule[rule.ID] + " |\n"
		if identifiers := configRules[rule.ID]; identifiers != nil {
			row = "| `" + rule.ID + "` | `" + strings.Join(identifiers, "`, `") + "` |\n"
		}
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/governance.md has no row\n%s", row)
		}
	}
}

func TestSlackChannels_OfConfig_AreThoseOfTopics(t *testing.T) {
	cfg := config.Config{Alerts: config.Alerts{Slack: []config.SlackChannel{{WorkspaceID: "T0123ABCDEF", ChannelID: "C0123ABCDEF"}}}}
	if got := slackChannels(cfg); len(got) != 1 || got[0] != (constructs.SlackChannel{WorkspaceID: "T0123ABCDEF", ChannelID: "C0123ABCDEF"}) {
		t.Errorf("the channels are %+v", got)
	}
}
