package config_test

import (
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func TestGovernance_LeanProfile_KeepsWhatIsFree(t *testing.T) {
	lean := MustLoadProfile(t, "prod", config.Lean).Controls.Governance
	for what, control := range map[string]config.RunBy{
		"trail": lean.Trail, "external access": lean.ExternalAccess, "cost anomalies": lean.CostAnomalies,
	} {
		if control != config.Own {
			t.Errorf("%s: %q", what, control)
		}
	}
	for what, control := range map[string]config.RunBy{
		"threats": lean.ThreatDetection, "posture": lean.Posture, "recorder": lean.Recorder, "unused access": lean.UnusedAccess,
	} {
		if control != config.Off {
			t.Errorf("%s costs money and is %q", what, control)
		}
	}
	if lean.DataEvents || lean.Backup.KeepDays == 0 || lean.MonthlyBudget != 100 {
		t.Errorf("the profile is %+v", lean)
	}
}

func TestGovernance_WrongChoices_AreRefused(t *testing.T) {
	for _, tc := range []struct {
		name, stage, field string
		breakIt            func(*config.Governance)
	}{
		{"an unknown choice", "dev", "ThreatDetection", func(g *config.Governance) { g.ThreatDetection = "yes" }},
		{"log files for a week", "dev", "TrailDays", func(g *config.Governance) { g.TrailDays = 7 }},
		{"an unknown lock", "dev", "TrailLock", func(g *config.Governance) { g.TrailLock = "SOFT" }},
		{"files of staging that cannot be deleted", "staging", "TrailLock", func(g *config.Governance) { g.TrailLock = config.ComplianceLock }},
		{"data events of another's trail", "dev", "DataEvents", func(g *config.Governance) { g.Trail, g.DataEvents = config.Organisation, true }},
		{"Security Hub without AWS Config", "dev", "Posture", func(g *config.Governance) { g.Posture = config.Own }},
		{"a negative budget", "dev", "MonthlyBudget", func(g *config.Governance) { g.MonthlyBudget = -1 }},
		{"copies for longer than promised", "prod", "Backup.KeepDays", func(g *config.Governance) { g.Backup.KeepDays = 36 }},
		{"restore tests without copies", "dev", "Backup.RestoreTests", func(g *config.Governance) { g.Backup.KeepDays = 0 }},
		{"prod without copies", "prod", "Backup.KeepDays", func(g *config.Governance) { g.Backup = config.Backup{} }},
		{"prod without a trail", "prod", "Trail", func(g *config.Governance) { g.Trail = config.Off }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := MustLoad(t, tc.stage)
			tc.breakIt(&c.Controls.Governance)
			if found := problems(t, c.Validate()); len(found) != 1 || found[0].Field != "Controls.Governance."+tc.field {
				t.Errorf("got %v, want one problem with %s", found, tc.field)
			}
		})
	}
}

func TestGovernance_ProdWithComplianceLock_IsAccepted(t *testing.T) {
	c := MustLoad(t, "prod")
	c.Controls.Governance.TrailLock = config.ComplianceLock
	c.Controls.Governance.ThreatDetection = config.Organisation
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func MustLoadProfile(t *testing.T, stage string, profile config.Profile) config.Config {
	t.Helper()
	c, err := config.LoadProfile(stage, profile)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
