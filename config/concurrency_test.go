package config_test

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
)

func TestConcurrency_QuotaTooSmall_SaysWhatToDo(t *testing.T) {
	for name, tc := range map[string]struct {
		concurrency       config.Concurrency
		public, consumers int
		says              string
	}{
		"enough":                {config.Concurrency{Quota: 200, Public: 30, Consumer: 5}, 3, 2, ""},
		"one too many":          {config.Concurrency{Quota: 199, Public: 30, Consumer: 5}, 3, 2, "request 200 for Lambda's quota L-B99A9384"},
		"a new account":         {config.Concurrency{Quota: 10, Public: 30, Consumer: 5}, 1, 0, "the account's quota is 10"},
		"nothing reserved":      {config.Concurrency{Quota: 10}, 50, 50, ""},
		"no function of a kind": {config.Concurrency{Quota: 10, Public: 30}, 0, 50, ""},
	} {
		err := tc.concurrency.Check(tc.public, tc.consumers)
		if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestValidate_Concurrency_IsChecked(t *testing.T) {
	for field, spoil := range map[string]func(*config.Concurrency){
		"Functions.Concurrency.Quota":    func(c *config.Concurrency) { c.Quota = 9 },
		"Functions.Concurrency.Public":   func(c *config.Concurrency) { c.Public = -1 },
		"Functions.Concurrency.Consumer": func(c *config.Concurrency) { c.Consumer = 1 },
	} {
		cfg, err := config.Load("dev")
		if err != nil {
			t.Fatal(err)
		}
		spoil(&cfg.Functions.Concurrency)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
