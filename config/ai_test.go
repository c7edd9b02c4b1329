package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func TestAI_InvalidFields_AreRefused(t *testing.T) {
	for field, spoil := range map[string]func(*config.AI){
		"AI.Model":         func(a *config.AI) { a.Model = "gpt-unknown" },
		"AI.MonthlyBudget": func(a *config.AI) { a.MonthlyBudget = 9 },
	} {
		c := MustLoad(t, "prod")
		spoil(&c.AI)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
