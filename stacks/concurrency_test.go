package stacks

import (
	"strings"
	"testing"

	"github.com/expenzez/infrastructure/config"
	"github.com/expenzez/infrastructure/lambdas"
)

func TestCheckConcurrency_SmallQuota_IsRefused(t *testing.T) {
	cfg, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	if err := checkConcurrency(cfg, lambdas.Domains()); err != nil {
		t.Error(err)
	}
	cfg.Functions.Concurrency.Quota = 10
	if err := checkConcurrency(cfg, lambdas.Domains()); err == nil || !strings.Contains(err.Error(), "the account's quota is 10") {
		t.Errorf("got %v", err)
	}
	cfg.Functions.Concurrency = config.Concurrency{Quota: 10}
	if err := checkConcurrency(cfg, lambdas.Domains()); err != nil || unreserved(cfg) == "" {
		t.Errorf("got %v, reason %q", err, unreserved(cfg))
	}
}
