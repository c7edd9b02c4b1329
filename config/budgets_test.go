package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

// The numbers are those of docs/security.md.
func TestBudgets_PublishedStages_MatchDocs(t *testing.T) {
	want := config.Budgets{
		Registrations: config.Budget{PerIP: 20, PerStage: 2000},
		Emails:        config.Budget{PerIP: 60, PerStage: 6000},
		Disclosures:   config.Budget{PerIP: 300},
	}
	for _, stage := range []string{"dev", "staging", "prod"} {
		if got := MustLoad(t, stage).Budgets; got != want {
			t.Errorf("%s has %+v", stage, got)
		}
	}
}

// All clients of a local stage have one IP address.
func TestBudgets_LocalStage_OneIPMaySpendAll(t *testing.T) {
	for name, b := range map[string]config.Budget{
		"registrations": MustLoad(t, "local").Budgets.Registrations, "e-mails": MustLoad(t, "local").Budgets.Emails,
	} {
		if b.PerIP != b.PerStage {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestBudgets_InvalidNumbers_AreRefused(t *testing.T) {
	for says, breakIt := range map[string]func(*config.Budgets){
		"Registrations.PerIP: 0 would refuse":        func(b *config.Budgets) { b.Registrations.PerIP = 0 },
		"Registrations.PerStage: 0: give":            func(b *config.Budgets) { b.Registrations.PerStage = 0 },
		"Emails.PerStage: 0: give":                   func(b *config.Budgets) { b.Emails.PerStage = 0 },
		"Emails.PerIP: 301: one address could spend": func(b *config.Budgets) { b.Emails.PerIP = 301 },
		"Disclosures.PerStage: -1: give":             func(b *config.Budgets) { b.Disclosures.PerStage = -1 },
		"Disclosures.PerIP: 300 is more than":        func(b *config.Budgets) { b.Disclosures.PerStage = 299 },
	} {
		c := MustLoad(t, "prod")
		breakIt(&c.Budgets)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "Budgets."+says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}
